import { Gpt2Error } from './errors.js';

/** The error; if it is the runtime's own for a buffer that does not fit into memory, `out-of-memory` in its place. */
export function memoryError(error: unknown): unknown {
  // Engines have no other mark: "Array buffer allocation failed", "Out of memory", "Invalid typed array length".
  return error instanceof RangeError && /alloc|memory|array length/i.test(error.message)
    ? new Gpt2Error('out-of-memory', 'this runtime has no memory for a buffer', { cause: error })
    : error;
}

/** The result of some work, whose errors are those of `memoryError`. */
export async function withinMemory<R>(work: Promise<R>): Promise<R> {
  try {
    return await work;
  } catch (error) {
    throw memoryError(error);
  }
}
