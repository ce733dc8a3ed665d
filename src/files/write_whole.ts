import { memoryError } from '../base/memory_error.js';
import type { ModelTarget } from './target.js';

/**
 * Puts the files that `write` writes to a target in their places. If anything fails, none of them stays; a buffer that does
 * not fit into memory is `out-of-memory`.
 */
export async function writeWhole(target: ModelTarget, write: () => Promise<void>): Promise<void> {
  try {
    await write();
    await target.commit();
  } catch (error) {
    await target.discard();
    throw memoryError(error);
  }
}
