import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import type { Goal } from '../claims/goals.js';
import {
  type ObjectCourse,
  type ObjectState,
  objectStateKey,
  type UsedNames,
} from '../plans/object_course.js';
import type { ObjectPlan } from '../plans/object_plan.js';
import type { Punctuation } from './punctuation.js';
import { recordedString } from './recorded_string.js';

/** What an object needs to be written. */
export interface ObjectParts {
  readonly make: Expressions;
  readonly punctuation: Punctuation;
  /** Differs for each plan. */
  readonly key: string;
  readonly value: (goal: Goal) => Expression;
}

/** The texts of an object; `nothing` if none can be finished. */
export function objectText(plan: ObjectPlan, course: ObjectCourse, parts: ObjectParts): Expression {
  const { make, punctuation, key, value } = parts;
  /** A property from its name on, for each that may come next. */
  const properties = (state: ObjectState): Expression[] => {
    const listed = [...course.named(state)].map(({ name, goal, next }) =>
      make.sequence(make.literal(JSON.stringify(name)), punctuation.colon, value(goal), rest(next)),
    );
    return [...listed, otherProperties(state)];
  };
  /** By used names: the expression of these names, made of that of the names before them. */
  const usedTexts = new WeakMap<UsedNames, Expression>();
  const usedText = (names: UsedNames): Expression => {
    const { latest } = names;
    if (latest === undefined) return make.nothing;
    let text = usedTexts.get(names);
    if (text === undefined) {
      text = make.choice([usedText(latest.before), make.literal(latest.name)]);
      usedTexts.set(names, text);
    }
    return text;
  };
  const otherProperties = (state: ObjectState): Expression => {
    const after = (name: string): Expression => {
      const others = plan.otherWith(name);
      const values = others === undefined ? [] : course.others(state, others, name);
      return make.sequence(
        punctuation.colon,
        make.choice(values.map(({ goal, next }) => make.sequence(value(goal), rest(next)))),
      );
    };
    const language = make.choice(course.openOthers(state).map((others) => others.language));
    const used = { text: usedText(state.others), all: state.others.sorted };
    const strings = { make, language, used, after };
    return recordedString({ ...strings, key: `${key} ${objectStateKey(state)}` });
  };
  /** After a property. */
  const rest = (state: ObjectState): Expression =>
    make.rule(`${key} ${objectStateKey(state)}`, false, () =>
      punctuation.after('}', course.mayEnd(state), properties(state)),
    );
  if (!course.isFinishable(course.start)) return make.nothing;
  return punctuation.from('{}', course.mayEnd(course.start), properties(course.start));
}
