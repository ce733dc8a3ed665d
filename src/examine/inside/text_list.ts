import { checkArray } from '../../base/check_lists.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Prompt } from '../../generate/prompt.js';
import type { AnyModel } from '../any_model.js';
import { textOrIds } from '../ids_of.js';

/** Most texts of one call. */
const MOST_TEXTS = 100_000;

/** One or more texts, ids as checked copies. Throws `invalid-option`. */
export function textList(model: AnyModel, given: unknown, name: string): (string | number[])[] {
  const right = `a list of 1 to ${MOST_TEXTS} texts`;
  checkArray(name, given, right);
  if (given.length < 1 || given.length > MOST_TEXTS) {
    throw new Gpt2Error('invalid-option', `${name} has ${given.length} texts; it must be ${right}`);
  }
  return given.map((text, i) => {
    if (typeof text !== 'string' && (typeof text !== 'object' || text === null)) {
      throw invalidOption(`${name}[${i}]`, text, 'a string or an array of token ids');
    }
    return textOrIds(model, text as Prompt);
  });
}
