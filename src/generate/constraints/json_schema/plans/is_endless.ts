import type { Expression } from '../../expressions/expression.js';
import { Choice, Repeat, Rule, Sequence } from '../../expressions/nodes.js';
import { firstBytes } from '../../masks/first_bytes.js';
import { Encoded } from '../texts/encoded.js';
import { Recorded } from '../texts/recorded.js';
import { completions } from './completions.js';

/** So many texts count as endlessly many. */
const MANY = 256;

/** The answers so far. */
const known = new WeakMap<Expression, boolean>();

/**
 * Whether it is easily seen that an expression matches texts of endlessly many values: one of its parts does.
 * `space`: the white space between tokens, which makes no other values. No part may match nothing.
 */
export function isEndless(expression: Expression, nothing: Expression, space: Expression): boolean {
  const answer = known.get(expression);
  if (answer !== undefined) return answer;
  // A rule that contains itself can be used any number of times.
  known.set(expression, true);
  const isEndlessPart = (part: Expression) => isEndless(part, nothing, space);
  const isSo = decide();
  known.set(expression, isSo);
  return isSo;

  function decide(): boolean {
    if (expression === space) return false;
    if (expression instanceof Sequence)
      return isEndlessPart(expression.head) || isEndlessPart(expression.tail);
    if (expression instanceof Choice) return expression.alternatives.some(isEndlessPart);
    if (expression instanceof Rule) return isEndlessPart(expression.body);
    if (expression instanceof Repeat)
      return firstBytes(expression.part).length ** expression.max > MANY || expression.max > MANY;
    if (expression instanceof Recorded) return isEndlessPart(expression.part);
    if (expression instanceof Encoded) return completions(expression.language, nothing, MANY) === undefined;
    return false;
  }
}
