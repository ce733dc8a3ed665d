import { Dropout } from './dropout';

/**
 * One head of one sequence, or of one of its documents, of T queries and S keys, as attention's forward and backward pass read it. Threads
 * share one memory, so each thread fills a Head in its own scratch, HEAD_BYTES long.
 */
@unmanaged
export class Head {
  /** Queries, [T, headSize]; their rows are `stride` bytes apart. */
  q: usize;
  stride: usize;
  /** Keys and values, [S, headSize]; their rows are `keyStride` bytes apart. */
  k: usize;
  v: usize;
  keyStride: usize;
  /** Output, [T, headSize]; its rows are `outStride` bytes apart. */
  out: usize;
  outStride: usize;
  /** ln of each row's sum of exponentials, [T]. */
  logSums: usize;
  T: i32;
  S: i32;
  /** Whether query i sees keys 0 to i alone, with S = T; otherwise it sees all keys. */
  causal: i32;
  headSize: i32;
  /** Factor of the scores. */
  scale: f32;
  /** Of the weights: element [i, j] is number `firstWeight` + i `weightStride` + j of tensor `site`. */
  dropout: Dropout;
  firstWeight: u32;
  weightStride: i32;
  site: u32;
}
