import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import type { Goal } from '../claims/goals.js';
import { type ArrayPlan, type ArrayState, stateKey } from '../plans/array_plan.js';
import type { Punctuation } from './punctuation.js';

/** What an array needs to be written. */
export interface ArrayParts {
  readonly make: Expressions;
  readonly punctuation: Punctuation;
  /** Differs for each plan. */
  readonly key: string;
  readonly isPossible: (goal: Goal) => boolean;
  readonly value: (goal: Goal) => Expression;
}

/** The texts of an array; `nothing` if none can be finished. */
export function arrayText(plan: ArrayPlan, parts: ArrayParts): Expression {
  const { make, punctuation, key, isPossible, value } = parts;
  const isFinishable = plan.finishable(isPossible);
  const items = (state: ArrayState): Expression[] =>
    plan
      .options(state, isPossible)
      .filter(({ next }) => isFinishable(next))
      .map(({ goal, next }) => make.sequence(value(goal), rest(next)));
  /** After an item. */
  const rest = (state: ArrayState): Expression =>
    make.rule(`${key} ${stateKey(state)}`, false, () =>
      punctuation.after(']', plan.mayEnd(state), items(state)),
    );
  if (!isFinishable(plan.start)) return make.nothing;
  return punctuation.from('[]', plan.mayEnd(plan.start), items(plan.start));
}
