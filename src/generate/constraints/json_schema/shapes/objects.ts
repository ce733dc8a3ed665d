import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import type { Clause, Combiner, Domain } from '../claims/domain.js';
import type { Evaluator } from '../claims/evaluator.js';
import type { Goal, Test } from '../claims/goals.js';
import type { Scope } from '../claims/scope.js';
import { nameOf, type SchemaNode } from '../documents/documents.js';
import { escapedToken, isObject } from '../documents/json.js';
import { described } from './described.js';
import { except, type KeySet, KeySetIndex, keySetKey, matching, named, onlyName } from './key_set.js';
import { allowedValues, badValue, countOf, has, mapOf, namesOf, typesOf } from './keywords.js';
import type { StringDomain } from './strings.js';

/** A goal of properties with certain names. */
export interface Properties {
  readonly keys: KeySet;
  readonly goal: Goal;
}

export interface ObjectShape {
  /** Every property with such a name meets the goal. */
  readonly every: readonly Properties[];
  /** There is a property with such a name that meets the goal. */
  readonly some: readonly Properties[];
  readonly min: number;
  readonly max: number;
  /** Names whose properties were evaluated; undefined if all were. */
  readonly evaluated: KeySet | undefined;
}

const NOTHING_EVALUATED = named();

export class ObjectDomain implements Domain<ObjectShape> {
  readonly name = 'objects';
  readonly everything: ObjectShape = {
    every: [],
    some: [],
    min: 0,
    max: Number.POSITIVE_INFINITY,
    evaluated: NOTHING_EVALUATED,
  };
  readonly #context: Context;
  readonly #strings: Evaluator<Expression>;
  readonly unevaluated = {
    keyword: 'unevaluatedProperties',
    holds: (shape: ObjectShape, test: Test) => {
      if (shape.evaluated === undefined) return shape;
      const { names, patterns } = shape.evaluated;
      return this.merge(shape, this.#every(except(names, patterns), test.yes, undefined));
    },
    fails: (shape: ObjectShape, test: Test) => {
      if (shape.evaluated === undefined || test.no === this.#context.goals.never) return undefined;
      const { names, patterns } = shape.evaluated;
      return this.merge(shape, this.#some(except(names, patterns), test.no));
    },
  };

  constructor(context: Context, strings: Evaluator<Expression>) {
    this.#context = context;
    this.#strings = strings;
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
    if (a === this.everything) return b;
    if (b === this.everything) return a;
    const some = new Map(
      [...a.some, ...b.some].map((each) => [`${keySetKey(each.keys)}:${each.goal.key}`, each]),
    );
    const merged: ObjectShape = {
      every: this.#joined([...a.every, ...b.every]),
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

  /** Goals of the same names as one. */
  #joined(all: readonly Properties[]): readonly Properties[] {
    const { goals } = this.#context;
    const joined = new Map<string, Properties>();
    for (const { keys, goal } of all) {
      const key = keySetKey(keys);
      joined.set(key, { keys, goal: goals.both(joined.get(key)?.goal ?? goals.always, goal) });
    }
    return [...joined.values()];
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
    const { goals, documents } = this.#context;
    const isDraft7 = node.resource.dialect === 'draft7';
    switch (keyword) {
      case 'type':
        return typesOf(node).has('object')
          ? { holds: () => [this.everything], fails: () => [] }
          : { holds: () => [], fails: () => [this.everything] };
      case 'enum':
      case 'const': {
        const schema = described(allowedValues(node, keyword).filter(isObject));
        const { yes, no } = goals.test(documents.invented(node, schema), goals.scopes.outside);
        // The described parts do not count as evaluated.
        return {
          holds: () => combiner.goal(yes).map((shape) => this.unannotated(shape)),
          fails: () => combiner.goal(no),
        };
      }
      case 'required':
        return this.#required(namesOf(node, keyword));
      case 'minProperties':
        return this.#size(countOf(node, keyword), Number.POSITIVE_INFINITY);
      case 'maxProperties':
        return this.#size(0, countOf(node, keyword));
      case 'properties':
        return this.#all(
          Object.keys(mapOf(node, keyword)).map((name) => ({
            keys: named(name),
            test: goals.test(documents.child(node, keyword, name), scope),
          })),
        );
      case 'patternProperties':
        return this.#all(
          Object.keys(mapOf(node, keyword)).map((pattern) => ({
            keys: matching(this.#search(node, pattern)),
            test: goals.test(documents.child(node, keyword, pattern), scope),
          })),
        );
      case 'additionalProperties': {
        const names = has(node, 'properties') ? Object.keys(mapOf(node, 'properties')) : [];
        const patterns = has(node, 'patternProperties') ? Object.keys(mapOf(node, 'patternProperties')) : [];
        const keys = except(
          names,
          patterns.map((pattern) => this.#search(node, pattern)),
        );
        return this.#one(keys, goals.test(documents.child(node, keyword), scope), undefined);
      }
      case 'propertyNames': {
        const allowed = this.#strings.goal(goals.test(documents.child(node, keyword), scope).yes);
        const keys = except([], [this.#context.make.choice(allowed)]);
        return {
          holds: () => [this.#every(keys, goals.never, NOTHING_EVALUATED)],
          fails: () => [this.#some(keys, goals.always)],
        };
      }
      case 'dependentRequired':
      case 'dependentSchemas':
      case 'dependencies': {
        if (isDraft7 !== (keyword === 'dependencies') && isDraft7) return undefined;
        return this.#dependencies(node, keyword, scope, combiner);
      }
      default:
        return undefined;
    }
  }

  #search(node: SchemaNode, pattern: string): Expression {
    return (this.#strings.domain as StringDomain).search(
      `${nameOf(node)}/patternProperties/${escapedToken(pattern)}`,
      pattern,
    );
  }

  #every(keys: KeySet, goal: Goal, evaluated: KeySet | undefined): ObjectShape {
    return { ...this.everything, every: [{ keys, goal }], evaluated };
  }

  #some(keys: KeySet, goal: Goal): ObjectShape {
    return { ...this.everything, some: [{ keys, goal }], min: 1 };
  }

  /** All properties with such names pass a test. */
  #one(keys: KeySet, test: Test, evaluated: KeySet | undefined): Clause<ObjectShape> {
    return {
      holds: () => [this.#every(keys, test.yes, evaluated)],
      fails: () => (test.no === this.#context.goals.never ? [] : [this.#some(keys, test.no)]),
    };
  }

  #all(parts: readonly { readonly keys: KeySet; readonly test: Test }[]): Clause<ObjectShape> {
    const { never } = this.#context.goals;
    const every = this.#joined(parts.map(({ keys, test }) => ({ keys, goal: test.yes })));
    const evaluated: KeySet = {
      isExcept: false,
      names: new Set(parts.flatMap(({ keys }) => [...keys.names])),
      patterns: parts.flatMap(({ keys }) => keys.patterns),
    };
    return {
      holds: () => [{ ...this.everything, every, evaluated }],
      fails: () => parts.flatMap(({ keys, test }) => (test.no === never ? [] : [this.#some(keys, test.no)])),
    };
  }

  #required(names: readonly string[]): Clause<ObjectShape> {
    const { always } = this.#context.goals;
    const some = names.map((name) => ({ keys: named(name), goal: always }));
    return {
      holds: () => [{ ...this.everything, some, min: names.length }],
      fails: () => names.map((name) => this.#lacks(name)),
    };
  }

  #lacks(name: string): ObjectShape {
    return this.#every(named(name), this.#context.goals.never, NOTHING_EVALUATED);
  }

  #size(min: number, max: number): Clause<ObjectShape> {
    const sized = (least: number, most: number) => ({ ...this.everything, min: least, max: most });
    return {
      holds: () => [sized(min, max)],
      fails: () => [
        ...(min > 0 ? [sized(0, min - 1)] : []),
        ...(max < Number.POSITIVE_INFINITY ? [sized(max + 1, Number.POSITIVE_INFINITY)] : []),
      ],
    };
  }

  /** If an object has a property, it also has others, or is valid against another schema. */
  #dependencies(
    node: SchemaNode,
    keyword: string,
    scope: Scope,
    combiner: Combiner<ObjectShape>,
  ): Clause<ObjectShape> {
    const { goals, documents } = this.#context;
    const parts = Object.entries(mapOf(node, keyword)).map(([name, value]) => {
      if (keyword === 'dependentSchemas' && Array.isArray(value))
        throw badValue(node, keyword, 'schemas by name');
      const isNames = keyword === 'dependentRequired' || Array.isArray(value);
      const clause = isNames
        ? this.#required(namesOf(node, keyword, value))
        : combiner.test(goals.test(documents.child(node, keyword, name), scope));
      return { present: this.#some(named(name), goals.always), lacking: this.#lacks(name), clause };
    });
    return {
      holds: (exact) =>
        parts.reduce<readonly ObjectShape[]>(
          (shapes, { present, lacking, clause }) =>
            combiner.product(
              shapes,
              [lacking, ...combiner.product([present], clause.holds(exact), node)],
              node,
            ),
          [this.everything],
        ),
      fails: () => parts.flatMap(({ present, clause }) => combiner.product([present], clause.fails(), node)),
    };
  }
}
