import { Gpt2Error } from '../base/errors.js';
import type { GenerateOptions } from './options.js';

/** Throws `invalid-option` for inputs or changes in a session, whose text is tokens alone. */
export function refuseInputs(options: GenerateOptions): void {
  if ((options?.inputs ?? options?.edit) === undefined) return;
  throw new Gpt2Error('invalid-option', 'a session takes no inputs or edit; give them to calls of the model');
}
