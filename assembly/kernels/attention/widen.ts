import { KV_F16, KV_F32, PANEL, padded } from '../../abi';
import { signedScales4 } from '../../half';
import { keyPanelBytes, valuePanelBytes, valuesOffset } from '../kv/layout';

/** Decodes halves at `from`, a multiple of 16 of them, into f32 until `end`. */
// @ts-ignore: decorator
@inline
function decodeHalves(to: usize, end: usize, from: usize): void {
  for (; to < end; to += 64) {
    v128.store(to, signedScales4(from));
    v128.store(to, signedScales4(from + 8), 16);
    v128.store(to, signedScales4(from + 16), 32);
    v128.store(to, signedScales4(from + 24), 48);
    from += 32;
  }
}

/** Writes the first `count` positions of an f16 part of a page as an f32 part. */
export function widenPart(to: usize, part: usize, count: i32, headSize: i32): void {
  const positions = <usize>padded(count);
  decodeHalves(to, to + keyPanelBytes(KV_F32, headSize) * (positions / PANEL), part);
  const bytes = (positions * PANEL) << 2;
  to += valuesOffset(KV_F32, headSize);
  part += valuesOffset(KV_F16, headSize);
  for (let i = 0; i < headSize; i += PANEL) {
    decodeHalves(to, to + bytes, part);
    to += valuePanelBytes(KV_F32);
    part += valuePanelBytes(KV_F16);
  }
}
