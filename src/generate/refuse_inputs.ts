import { Gpt2Error } from '../base/errors.js';
import type { GenerateOptions } from './options.js';

/** Throws `invalid-option` for inputs in a session, whose text is tokens alone. */
export function refuseInputs(options: GenerateOptions): void {
  if (options?.inputs === undefined) return;
  throw new Gpt2Error('invalid-option', 'a session takes no inputs; give them to the calls of the model');
}
