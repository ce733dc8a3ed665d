import { Gpt2Error } from '../../../base/errors.js';

/** The error for a part of a schema; `pointer` leads to it from the schema's root and begins with `#`. */
export function refused(pointer: string, problem: string): Gpt2Error {
  return new Gpt2Error('invalid-option', `format.jsonSchema${pointer}: ${problem}`);
}
