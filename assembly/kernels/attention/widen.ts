import { KV_F16, KV_F32, PANEL, padded } from '../../abi';
import { decodeHalves } from '../../half';
import { keyPanelBytes, valuePanelBytes, valuesOffset } from '../kv/layout';

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
