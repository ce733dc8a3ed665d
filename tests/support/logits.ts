import * as assert from 'uvu/assert';
import { BATCH_ROWS } from '../../src/core/layout.js';
import type { WasmCore } from '../../src/core/wasm_core.js';

/** T x V logits of a sequence evaluated `blockSize` tokens at a time; shares no pages with others. */
export async function logitsInBlocks(
  core: WasmCore,
  ids: readonly number[],
  blockSize: number = BATCH_ROWS,
): Promise<Float32Array> {
  const { vocabSize } = core.config;
  const logits = new Float32Array(ids.length * vocabSize);
  const sequence = core.sequence('call', true);
  for (let start = 0; start < ids.length; start += blockSize) {
    await sequence.evaluate({
      tokens: ids.slice(0, start + blockSize),
      first: start,
      read: (row, index) => logits.set(row.values, index * vocabSize),
    });
  }
  sequence.release();
  return logits;
}

/** Root mean square of the difference, relative to that of `want`. */
export function relativeError(got: Float32Array, want: Float32Array): number {
  assert.is(got.length, want.length);
  let error = 0;
  let size = 0;
  for (let i = 0; i < want.length; i++) {
    error += (got[i]! - want[i]!) ** 2;
    size += want[i]! ** 2;
  }
  return Math.sqrt(error / size);
}

/** Fails unless every logit is close to PyTorch's. */
export function assertLogits(got: Float32Array, want: Float32Array): void {
  assert.is(got.length, want.length);
  for (let i = 0; i < want.length; i++) {
    const tolerance = 2e-4 + 1e-4 * Math.abs(want[i]!);
    const near = Math.abs(got[i]! - want[i]!) <= tolerance;
    if (!near) assert.unreachable(`logit ${i} is ${got[i]}, PyTorch has ${want[i]}`);
  }
}
