import { BUCKETS, SUM_BLOCK } from '../../assembly/abi.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { CoreExports } from './abi/exports.js';
import type { CoreMemory } from './memory.js';
import type { TokenMeasure } from './token_measure.js';

/**
 * One row of V logits in core memory, with the reductions that sampling and scoring need. The row and the
 * arrays that it returns are valid only during the call of `read` that receives the row.
 */
export interface LogitsRow {
  /** V logits; logits processors change them in place. */
  readonly values: Float32Array;
  /** Final hidden state [C]: the residual stream after the last layer norm. */
  readonly hidden: Float32Array;
  /** The id of the largest logit; of equal ones the lowest id. */
  argmax(): number;
  /** ln(sum(exp(values))). Overwrites the latest softmax. */
  logSumExp(): number;
  /** softmax(values / temperature) [V], in a separate buffer; temperature > 0. */
  softmax(temperature: number): Float32Array;
  /** Sums of the latest softmax, SUM_BLOCK entries each. Overwrites the latest topK. */
  blockSums(): Float64Array;
  /**
   * Sum and number of the entries of the latest softmax, grouped by the upper 16 bits of each entry's float.
   */
  bucketSums(): { readonly sums: Float64Array; readonly counts: Int32Array };
  /**
   * Ids of the k largest entries of the latest softmax, largest first, equal ones by lower id. 1 <= k <= V.
   */
  topK(k: number): Int32Array;
  /** How likely token `id` is. Overwrites the latest softmax and topK. */
  measure(id: number): TokenMeasure;
}

type Four = [number, number, number, number];

/** Addresses of the buffers that the reductions of a row write to. */
export interface RowScratch {
  /** V numbers. */
  readonly probabilities: number;
  /** V numbers, shared by the ids of `topK` and the sums of `blockSums`. */
  readonly ids: number;
  /** BUCKETS numbers each. */
  readonly bucketSums: number;
  readonly bucketCounts: number;
}

/** The row of V logits at the address `values`, and of C numbers at `hidden`. */
export function logitsRow(
  memory: CoreMemory,
  core: CoreExports,
  { values: address, hidden }: { readonly values: number; readonly hidden: number },
  { vocabSize: V, channels }: ModelConfig,
  { probabilities, ids, bucketSums, bucketCounts }: RowScratch,
): LogitsRow {
  return {
    values: memory.f32(address, V),
    hidden: memory.f32(hidden, channels),
    argmax: () => core.argmax(address, V),
    logSumExp: () => core.logSumExp(probabilities, address, V),
    softmax(temperature) {
      core.softmax(probabilities, address, V, temperature);
      return memory.f32(probabilities, V);
    },
    blockSums() {
      core.blockSums(ids, probabilities, V);
      return memory.f64(ids, Math.ceil(V / SUM_BLOCK));
    },
    bucketSums() {
      core.bucketSums(bucketSums, bucketCounts, probabilities, V);
      return { sums: memory.f64(bucketSums, BUCKETS), counts: memory.i32(bucketCounts, BUCKETS) };
    },
    topK(k) {
      core.topK(ids, probabilities, V, k);
      return memory.i32(ids, k);
    },
    measure(id) {
      core.measure(ids, probabilities, address, V, id);
      const [logprob, rank, entropy, variance] = memory.f64(ids, 4) as ArrayLike<number> as Four;
      return { logprob, rank, entropy, variance };
    },
  };
}
