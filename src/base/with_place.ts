import { Gpt2Error } from './errors.js';

/**
 * The error of a loader that refuses numbers, with the place of those numbers in its message; other errors
 * unchanged.
 */
export function withPlace(error: unknown, place: string): unknown {
  if (!(error instanceof Gpt2Error && (error.code === 'invalid-file' || error.code === 'unsupported')))
    return error;
  return new Gpt2Error(error.code, `${place}: ${error.message}`, { cause: error });
}
