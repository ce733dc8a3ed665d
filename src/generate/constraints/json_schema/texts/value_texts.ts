import { anyText } from '../../expressions/code_points.js';
import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import type { Goal } from '../claims/goals.js';
import type { Json } from '../documents/json.js';
import type { ArrayPlan } from '../plans/array_plan.js';
import { DistinctItems } from '../plans/distinct_items.js';
import { ObjectCourse } from '../plans/object_course.js';
import type { PossibleGoals } from '../plans/possible_goals.js';
import { CONSTANTS } from '../shapes/constants.js';
import { arrayText } from './array_text.js';
import { distinctArrayText, type ValueKinds, valuesOf } from './distinct_array_text.js';
import { encoded } from './encoded.js';
import { objectText } from './object_text.js';
import { Punctuation } from './punctuation.js';

/** Most values of items that are listed because they must differ. */
const MOST_VALUES = 256;

/** The texts of the values that meet goals. */
export class ValueTexts {
  readonly #context: Context;
  readonly #possible: PossibleGoals;
  readonly #name: string;
  readonly #punctuation: Punctuation;
  /** Texts of the same values, mostly one for each. */
  readonly #plain: ValueTexts | undefined;
  readonly #values = new Map<Goal, ReadonlySet<string> | undefined>();

  /** `name`: the same for no other texts of the same maker. */
  constructor(context: Context, possible: PossibleGoals, name: string, isPlain = false) {
    this.#context = context;
    this.#possible = possible;
    this.#name = name;
    this.#punctuation = new Punctuation(context.make, context.whitespace);
    this.#plain = isPlain
      ? undefined
      : new ValueTexts(
          { ...context, order: 'schema', whitespace: 'compact' },
          possible,
          `plain ${name}`,
          true,
        );
  }

  /** A value with white space around it. */
  document(goal: Goal): Expression {
    const { space } = this.#punctuation;
    return this.#context.make.sequence(space, this.value(goal), space);
  }

  readonly value = (goal: Goal): Expression =>
    this.#context.make.rule(`${this.#name} ${goal.key}`, false, () => this.#body(goal));

  /** Whether the items of an array cannot all differ. */
  isDead(plan: ArrayPlan): boolean {
    const items = new DistinctItems(plan, this.#possible.has, this.values);
    return !items.isFinishable(plan.start, new Set());
  }

  readonly values = (goal: Goal): ReadonlySet<string> | undefined => {
    if (this.#plain !== undefined) return this.#plain.values(goal);
    if (this.#values.has(goal)) return this.#values.get(goal);
    // A goal of a part of its own values has infinitely many.
    this.#values.set(goal, undefined);
    const values = valuesOf(this.value(goal), this.#context.make.nothing, MOST_VALUES);
    this.#values.set(goal, values);
    return values;
  };

  readonly #only = (value: string): Goal => {
    const { documents, goals } = this.#context;
    const schema = documents.invented(documents.root, { const: JSON.parse(value) as Json });
    const goal = goals.test(schema, goals.scopes.outside).yes;
    this.#possible.add(goal);
    return goal;
  };

  #body(goal: Goal): Expression {
    const { make } = this.#context;
    const { quote } = this.#punctuation;
    const { strings, bracketed, others } = this.#kinds(goal);
    const isFree = strings === anyText(make);
    return make.choice([others, make.sequence(quote, encoded(make, strings, isFree), quote), bracketed]);
  }

  readonly #kinds = (goal: Goal): ValueKinds => {
    const { make, order } = this.#context;
    const plan = this.#possible.plan(goal);
    const constants = CONSTANTS.filter((_, i) => plan.constants.some((set) => ((set >> i) & 1) === 1));
    const arrays = plan.arrays.map((array, i) => {
      const parts = { ...this.#parts(goal, '[', i), isPossible: this.#possible.has };
      return array.isDistinct
        ? distinctArrayText(array, { ...parts, kinds: this.#kinds, values: this.values, only: this.#only })
        : arrayText(array, parts);
    });
    const objects = plan.objects.map((object, i) =>
      objectText(object, new ObjectCourse(object, order, this.#possible.has), this.#parts(goal, '{', i)),
    );
    return {
      strings: make.choice(plan.strings),
      bracketed: make.choice([...arrays, ...objects]),
      others: make.choice([...constants.map((constant) => make.literal(`${constant}`)), ...plan.numbers]),
    };
  };

  #parts(goal: Goal, bracket: string, i: number) {
    return {
      make: this.#context.make,
      punctuation: this.#punctuation,
      key: `${this.#name} ${goal.key} ${bracket}${i}`,
      value: this.value,
    };
  }
}
