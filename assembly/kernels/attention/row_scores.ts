import { KV_F16, KV_F32, KV_Q8, PAGE } from '../../abi';
import { matmul } from '../formats/f32/matmul';
import { keyPanelBytes } from '../kv/layout';
import { quantizeQuery, scoresQ8 } from './q8';
import { widenPart } from './widen';

/** Bytes of the scores of a page. */
// @ts-ignore: decorator
@inline
const SCORE_BYTES: usize = PAGE << 2;

/**
 * The scaled scores of one query of a head for the first `n` positions of `pages`, as in `attendHead`. `out` has room
 * for whole pages; `scratch` has `attentionScratchBytes`.
 */
export function rowScores(
  format: i32,
  out: usize,
  q: usize,
  pages: usize,
  partOffset: usize,
  headSize: i32,
  n: i32,
  scale: f32,
  scratch: usize,
): void {
  if (format == KV_Q8) quantizeQuery(scratch, q, headSize, scale);
  for (let first = 0; first < n; first += PAGE) {
    const count = min(PAGE, n - first);
    let part = <usize>load<u32>(pages) + partOffset;
    if (format == KV_Q8) {
      scoresQ8(out, SCORE_BYTES, scratch, 1, part, headSize, count);
    } else {
      if (format == KV_F16) {
        widenPart(scratch, part, count, headSize);
        part = scratch;
      }
      matmul(out, SCORE_BYTES, q, 0, 1, part, keyPanelBytes(KV_F32, headSize), 0, headSize, count, false);
      for (let i: usize = 0; i < (<usize>count) << 2; i += 4) store<f32>(out + i, load<f32>(out + i) * scale);
    }
    out += SCORE_BYTES;
    pages += 4;
  }
}
