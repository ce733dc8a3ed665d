import type { Cancellation } from '../base/cancellation.js';
import { throwIfAborted } from '../base/errors.js';
import type { Core, LogitsRow } from './types.js';

/**
 * Evaluates a whole sequence of 1 to context length tokens. Waits for a cache, and calls `read` with the
 * logits after each token from index `first` on, in order; `position` counts from 0. Throws `aborted` if the
 * signal fires; `what` names the work in that message.
 */
export async function evaluate(
  core: Core,
  tokens: readonly number[],
  {
    first,
    signal,
    what,
  }: { readonly first: number; readonly signal?: Cancellation | undefined; readonly what: string },
  read: (row: LogitsRow, position: number) => void,
): Promise<void> {
  const cache = await core.takeCache('call', signal);
  try {
    for (let start = 0; cache !== undefined && start < tokens.length; start += core.blockSize) {
      const block = tokens.slice(start, start + core.blockSize);
      const from = Math.max(0, first - start);
      const wanted = {
        first: from,
        read: (row: LogitsRow, index: number) => read(row, start + index),
      };
      if (!(await core.forward(cache, block, start, from < block.length ? wanted : undefined, signal))) break;
    }
  } finally {
    cache?.release();
  }
  throwIfAborted(signal, what);
}
