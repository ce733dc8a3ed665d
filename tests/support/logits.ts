import type { WasmCore } from '../../src/core/wasm_core.js';

/** T x V logits of a sequence evaluated `blockSize` tokens at a time. */
export async function logitsInBlocks(
  core: WasmCore,
  ids: readonly number[],
  blockSize: number,
): Promise<Float32Array> {
  const { vocabSize } = core.config;
  const logits = new Float32Array(ids.length * vocabSize);
  const cache = core.createCache();
  for (let start = 0; start < ids.length; start += blockSize) {
    await core.forward(cache, ids.slice(start, start + blockSize), start, {
      first: 0,
      read: (row, index) => logits.set(row.values, (start + index) * vocabSize),
    });
  }
  cache.release();
  return logits;
}
