import { show } from '../../architecture/gpt2/config_values.js';
import { Gpt2Error } from '../../base/errors.js';

/** The file that says how images become numbers. */
export const FILE = 'preprocessor_config.json';

/** The error for a field of the file. */
export function invalid(name: string, value: unknown, right: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `${name} in ${FILE} is ${show(value)}; it must be ${right}`);
}
