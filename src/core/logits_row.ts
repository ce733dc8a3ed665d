import type { CoreExports } from './exports.js';
import type { CoreMemory } from './memory.js';
import type { LogitsRow } from './types.js';

/** Where the reductions of a row write, V numbers each. */
export interface RowScratch {
  readonly probabilities: number;
  readonly ids: number;
}

/** The row of V logits at an address. */
export function logitsRow(
  memory: CoreMemory,
  core: CoreExports,
  address: number,
  V: number,
  { probabilities, ids }: RowScratch,
): LogitsRow {
  return {
    values: memory.f32(address, V),
    argmax: () => core.argmax(address, V),
    logSumExp: () => core.logSumExp(probabilities, address, V),
    softmax(temperature) {
      core.softmax(probabilities, address, V, temperature);
      return memory.f32(probabilities, V);
    },
    topK(k) {
      core.topK(ids, probabilities, V, k);
      return memory.i32(ids, k);
    },
  };
}
