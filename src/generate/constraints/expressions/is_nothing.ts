import { Gpt2Error } from '../../../base/errors.js';
import type { Expression } from './expression.js';

/** Most states that are searched for a string, which take up to 21 MB. */
const MOST_STATES = 6000;

/** The answers so far. */
const known = new WeakMap<Expression, boolean>();

/**
 * Whether an expression without rules matches no string: whether no state that it can reach is nullable. Throws
 * `invalid-option` if there are too many states.
 */
export function isNothing(expression: Expression): boolean {
  if (isSomething(expression)) return false;
  const answer = known.get(expression);
  if (answer !== undefined) return answer;
  const cameFrom = new Map<Expression, Expression | undefined>([[expression, undefined]]);
  const open = [expression];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    // The lowest bytes are tried first, which are whole characters.
    for (const start of state.partition.starts.slice(0, -1).reverse()) {
      const next = state.derive(start);
      if (known.get(next) === true || cameFrom.has(next)) continue;
      cameFrom.set(next, state);
      if (isSomething(next) || known.get(next) === false) {
        for (let at: Expression | undefined = next; at !== undefined; at = cameFrom.get(at))
          known.set(at, false);
        return false;
      }
      open.push(next);
    }
    if (cameFrom.size > MOST_STATES) {
      throw new Gpt2Error(
        'invalid-option',
        `format is too complex: whether any text has the form takes more than ${MOST_STATES} states; use simpler patterns, or smaller numbers of repetitions`,
      );
    }
  }
  for (const state of cameFrom.keys()) known.set(state, true);
  return true;
}

/** Whether it is plain that a string is matched: all that follows an intersection or complement was pruned when it was made. */
const isSomething = (expression: Expression) =>
  expression.isNullable || !(expression.isNothing || expression.mayBeNothing || expression.hasLoop);
