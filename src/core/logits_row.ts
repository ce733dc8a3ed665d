import { BUCKETS, SUM_BLOCK } from '../../assembly/abi.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { CoreExports } from './abi/exports.js';
import type { CoreMemory } from './memory.js';
import type { LogitsRow } from './types.js';

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
