import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import type { Clause, Combiner, Domain } from '../claims/domain.js';
import type { Evaluator } from '../claims/evaluator.js';
import type { Goal, Test } from '../claims/goals.js';
import type { Scope } from '../claims/scope.js';
import type { SchemaNode } from '../documents/documents.js';
import { except, KeySetIndex, keySetKey, onlyName } from './key_set.js';
import { ObjectClauses } from './object_clauses.js';
import {
  EVERYTHING,
  everyProperty,
  joined,
  NOTHING_EVALUATED,
  type ObjectShape,
  type Properties,
  someProperty,
} from './object_shape.js';

export class ObjectDomain implements Domain<ObjectShape> {
  readonly name = 'objects';
  readonly everything = EVERYTHING;
  readonly #context: Context;
  readonly #clauses: ObjectClauses;
  readonly unevaluated = {
    keyword: 'unevaluatedProperties',
    holds: (shape: ObjectShape, test: Test) => {
      if (shape.evaluated === undefined) return shape;
      const { names, patterns } = shape.evaluated;
      return this.merge(shape, everyProperty(except(names, patterns), test.yes, undefined));
    },
    fails: (shape: ObjectShape, test: Test) => {
      if (shape.evaluated === undefined || test.no === this.#context.goals.never) return undefined;
      const { names, patterns } = shape.evaluated;
      return this.merge(shape, someProperty(except(names, patterns), test.no));
    },
  };

  constructor(context: Context, strings: Evaluator<Expression>) {
    this.#context = context;
    this.#clauses = new ObjectClauses(context, strings);
  }

  key({ every, some, min, max, evaluated }: ObjectShape): string {
    const list = (all: readonly Properties[]) =>
      all.map(({ keys, goal }) => `${keySetKey(keys)}:${goal.key}`);
    const seen = evaluated === undefined ? 'all' : keySetKey(evaluated);
    return `{${list(every)}} ${list(some)} ${min} ${max} ${seen}`;
  }

  unannotated(shape: ObjectShape): ObjectShape {
    return { ...shape, evaluated: NOTHING_EVALUATED };
  }

  merge(a: ObjectShape, b: ObjectShape): ObjectShape | undefined {
    if (a === EVERYTHING) return b;
    if (b === EVERYTHING) return a;
    const some = new Map(
      [...a.some, ...b.some].map((each) => [`${keySetKey(each.keys)}:${each.goal.key}`, each]),
    );
    const merged: ObjectShape = {
      every: joined(this.#context.goals, [...a.every, ...b.every]),
      some: [...some.values()],
      min: Math.max(a.min, b.min),
      max: Math.min(a.max, b.max),
      evaluated:
        a.evaluated === undefined || b.evaluated === undefined
          ? undefined
          : {
              isExcept: false,
              names: new Set([...a.evaluated.names, ...b.evaluated.names]),
              patterns: [...new Set([...a.evaluated.patterns, ...b.evaluated.patterns])],
            },
    };
    return this.#isClearlyEmpty(merged) ? undefined : merged;
  }

  #isClearlyEmpty({ every, some, min, max }: ObjectShape): boolean {
    if (min > max) return true;
    const required = new Map<string, Goal>();
    const { goals, isClearlyEmpty } = this.#context;
    for (const { keys, goal } of some) {
      const name = onlyName(keys);
      if (name !== undefined) required.set(name, goals.both(required.get(name) ?? goals.always, goal));
    }
    if (required.size > max) return true;
    const index = new KeySetIndex<Goal>();
    for (const { keys, goal } of every) index.add(keys, goal);
    return [...required].some(([name, goal]) =>
      isClearlyEmpty(index.of(name).reduce((all, other) => goals.both(all, other), goal)),
    );
  }

  clause(
    node: SchemaNode,
    keyword: string,
    scope: Scope,
    combiner: Combiner<ObjectShape>,
  ): Clause<ObjectShape> | undefined {
    return this.#clauses.clause(node, keyword, scope, combiner);
  }
}
