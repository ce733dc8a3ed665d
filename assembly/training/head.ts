import { Dropout } from './dropout';

/**
 * One head of one sequence, as attention's forward and backward pass read it. Threads share one memory, so
 * each thread fills a Head in its own scratch, HEAD_BYTES long.
 */
@unmanaged
export class Head {
  /** Queries, keys and values, [T, headSize]; their rows are `stride` bytes apart. */
  q: usize;
  k: usize;
  v: usize;
  stride: usize;
  /** Output, [T, headSize]; its rows are `outStride` bytes apart. */
  out: usize;
  outStride: usize;
  /** ln of each row's sum of exponentials, [T]. */
  logSums: usize;
  T: i32;
  headSize: i32;
  /** Factor of the scores. */
  scale: f32;
  /** Of the weights: element [i, j] is number `firstWeight` + i T + j of tensor `site`. */
  dropout: Dropout;
  firstWeight: u32;
  site: u32;
}
