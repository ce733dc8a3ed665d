import { checkArray } from '../../base/check_lists.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Expression } from './expressions/expression.js';
import type { Expressions } from './expressions/expressions.js';
import type { ChoicesFormat } from './format.js';

/** One of the texts. Throws `invalid-option` for anything but a list of texts that are not empty. */
export function compileChoices(make: Expressions, { choices }: ChoicesFormat): Expression {
  const right = 'an array of one or more texts, none of them empty';
  checkArray('format.choices', choices, right, (choice) => typeof choice === 'string' && choice !== '');
  if (choices.length === 0)
    throw new Gpt2Error('invalid-option', `format.choices is empty; it must be ${right}`);
  return make.literals(choices);
}
