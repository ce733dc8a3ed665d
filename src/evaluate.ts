import type { Core, LogitsRow } from './core/types.js';

/**
 * Evaluates a whole sequence (1 to context length tokens) in a cache that it waits for and calls `read` with the logits
 * after each token, in order; `position` counts from 0.
 */
export async function evaluate(
  core: Core,
  tokens: readonly number[],
  read: (row: LogitsRow, position: number) => void,
): Promise<void> {
  const cache = (await core.takeCache('call'))!;
  try {
    for (let start = 0; start < tokens.length; start += core.blockSize) {
      const block = tokens.slice(start, start + core.blockSize);
      await core.forward(cache, block, start, { first: 0, read: (row, index) => read(row, start + index) });
    }
  } finally {
    cache.release();
  }
}
