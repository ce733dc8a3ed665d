import { invalidOption } from '../../base/check_options.js';
import type { Format } from '../constraints/format.js';
import type { Check } from '../option_checks.js';

/** Its fields are checked when it is compiled. */
const format: Check<Format> = (name, value) => {
  if (typeof value === 'object' && value !== null) return value as Format;
  throw invalidOption(name, value, 'an object such as { regex }, { jsonSchema }, { grammar } or { choices }');
};

/** Options about the form of the text. */
export const FORMAT_CHECKS = { format };
