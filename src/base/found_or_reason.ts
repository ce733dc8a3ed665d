import { Gpt2Error } from './errors.js';

/** The result of a promise, or its error if that is `not-found`. */
export async function foundOrReason<T>(result: Promise<T>): Promise<T | Gpt2Error> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'not-found') return error;
    throw error;
  }
}
