import { Gpt2Error, type Gpt2ErrorCode } from '../base/errors.js';

const MENDABLE: readonly Gpt2ErrorCode[] = ['invalid-option', 'context-full'];

/** An error that the caller can mend, with the name of what it is about; other errors unchanged. */
export function withName(error: unknown, name: string): unknown {
  if (!(error instanceof Gpt2Error && MENDABLE.includes(error.code))) return error;
  return new Gpt2Error(error.code, `${name}: ${error.message}`, { cause: error });
}
