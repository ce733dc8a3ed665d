import { Gpt2Error } from './errors.js';

/** The error of a loader that refused some numbers, with the place that they come from; any other error as it is. */
export function withPlace(error: unknown, place: string): unknown {
  if (!(error instanceof Gpt2Error && (error.code === 'invalid-file' || error.code === 'unsupported')))
    return error;
  return new Gpt2Error(error.code, `${place}: ${error.message}`, { cause: error });
}
