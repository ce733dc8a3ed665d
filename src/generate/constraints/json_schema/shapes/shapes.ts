import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import { Evaluator } from '../claims/evaluator.js';
import type { Claim, Goal } from '../claims/goals.js';
import { isObject, type Json } from '../documents/json.js';
import type { ArrayShape } from './array_shape.js';
import { ArrayDomain } from './arrays.js';
import { ConstantDomain } from './constants.js';
import { allowedValues, has, typesOf } from './keywords.js';
import { NumberDomain, type NumberShape } from './numbers.js';
import type { ObjectShape } from './object_shape.js';
import { ObjectDomain } from './objects.js';
import { StringDomain } from './strings.js';

/** All values that meet a goal: those with one of the shapes. */
export interface GoalShapes {
  readonly constants: readonly number[];
  readonly numbers: readonly NumberShape[];
  readonly strings: readonly Expression[];
  readonly arrays: readonly ArrayShape[];
  readonly objects: readonly ObjectShape[];
}

/** Finds the shapes of goals, type by type. */
export class Shapes {
  readonly #goals: Context['goals'];
  readonly #constants: Evaluator<number>;
  readonly #numbers: Evaluator<NumberShape>;
  readonly #strings: Evaluator<Expression>;
  readonly #arrays: Evaluator<ArrayShape>;
  readonly #objects: Evaluator<ObjectShape>;
  readonly #isEmpty = new Map<Goal, boolean>();

  constructor(open: Omit<Context, 'isClearlyEmpty'>) {
    const context: Context = { ...open, isClearlyEmpty: this.isClearlyEmpty };
    this.#goals = open.goals;
    this.#constants = new Evaluator(context, new ConstantDomain());
    this.#numbers = new Evaluator(context, new NumberDomain());
    this.#strings = new Evaluator(context, new StringDomain(context));
    this.#arrays = new Evaluator(context, new ArrayDomain(context));
    this.#objects = new Evaluator(context, new ObjectDomain(context, this.#strings));
  }

  of(goal: Goal): GoalShapes {
    return {
      constants: this.#constants.goal(goal),
      numbers: this.#numbers.goal(goal),
      strings: this.#strings.goal(goal),
      arrays: withoutAnnotations(this.#arrays, goal),
      objects: withoutAnnotations(this.#objects, goal),
    };
  }

  /** Looks at values without parts, and at the types of others. */
  readonly isClearlyEmpty = (goal: Goal): boolean => {
    if (goal === this.#goals.always) return false;
    const known = this.#isEmpty.get(goal);
    if (known !== undefined) return known;
    const isEmpty =
      this.#constants.goal(goal).length === 0 &&
      this.#numbers.goal(goal).length === 0 &&
      this.#strings.goal(goal).length === 0 &&
      !(['array', 'object'] as const).some((type) => goal.claims.every((claim) => mayHaveType(claim, type)));
    this.#isEmpty.set(goal, isEmpty);
    return isEmpty;
  };
}

function withoutAnnotations<Shape>(evaluator: Evaluator<Shape>, goal: Goal): readonly Shape[] {
  return evaluator.distinct(evaluator.goal(goal).map((shape) => evaluator.domain.unannotated(shape)));
}

/** False if a claim says plainly that a value is not of the type. */
function mayHaveType({ subject, holds }: Claim, type: 'array' | 'object'): boolean {
  if ('anyOf' in subject) return true;
  const { node } = subject;
  const isOf = (value: Json) => (type === 'array' ? Array.isArray(value) : isObject(value));
  const isLoneType = isObject(node.value) && Object.keys(node.value).length === 1 && has(node, 'type');
  if (!holds) return !(isLoneType && typesOf(node).has(type));
  if (has(node, 'type') && !typesOf(node).has(type)) return false;
  return !(['const', 'enum'] as const).some(
    (keyword) => has(node, keyword) && !allowedValues(node, keyword).some(isOf),
  );
}
