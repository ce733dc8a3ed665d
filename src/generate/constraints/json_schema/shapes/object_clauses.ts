import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import type { Clause, Combiner } from '../claims/domain.js';
import type { Evaluator } from '../claims/evaluator.js';
import type { Test } from '../claims/goals.js';
import type { Scope } from '../claims/scope.js';
import { nameOf, type SchemaNode } from '../documents/documents.js';
import { escapedToken, isObject } from '../documents/json.js';
import { described } from './described.js';
import { except, type KeySet, matching, named } from './key_set.js';
import { allowedValues, badValue, countOf, has, mapOf, namesOf, typesOf } from './keywords.js';
import {
  EVERYTHING,
  everyProperty,
  joined,
  NOTHING_EVALUATED,
  type ObjectShape,
  someProperty,
} from './object_shape.js';
import type { StringDomain } from './strings.js';

/** What keywords say about objects. */
export class ObjectClauses {
  readonly #context: Context;
  readonly #strings: Evaluator<Expression>;

  constructor(context: Context, strings: Evaluator<Expression>) {
    this.#context = context;
    this.#strings = strings;
  }

  /** undefined if a keyword says nothing. */
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
          ? { holds: () => [EVERYTHING], fails: () => [] }
          : { holds: () => [], fails: () => [EVERYTHING] };
      case 'enum':
      case 'const': {
        const schema = described(allowedValues(node, keyword).filter(isObject));
        const { yes, no } = goals.test(documents.invented(node, schema), goals.scopes.outside);
        // The described parts do not count as evaluated.
        return {
          holds: () => combiner.goal(yes).map((shape) => combiner.domain.unannotated(shape)),
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
          holds: () => [everyProperty(keys, goals.never, NOTHING_EVALUATED)],
          fails: () => [someProperty(keys, goals.always)],
        };
      }
      case 'dependentRequired':
      case 'dependentSchemas':
      case 'dependencies': {
        if (isDraft7 && keyword !== 'dependencies') return undefined;
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

  /** All properties with such names pass a test. */
  #one(keys: KeySet, test: Test, evaluated: KeySet | undefined): Clause<ObjectShape> {
    return {
      holds: () => [everyProperty(keys, test.yes, evaluated)],
      fails: () => (test.no === this.#context.goals.never ? [] : [someProperty(keys, test.no)]),
    };
  }

  #all(parts: readonly { readonly keys: KeySet; readonly test: Test }[]): Clause<ObjectShape> {
    const { never } = this.#context.goals;
    const every = joined(
      this.#context.goals,
      parts.map(({ keys, test }) => ({ keys, goal: test.yes })),
    );
    const evaluated: KeySet = {
      isExcept: false,
      names: new Set(parts.flatMap(({ keys }) => [...keys.names])),
      patterns: parts.flatMap(({ keys }) => keys.patterns),
    };
    return {
      holds: () => [{ ...EVERYTHING, every, evaluated }],
      fails: () =>
        parts.flatMap(({ keys, test }) => (test.no === never ? [] : [someProperty(keys, test.no)])),
    };
  }

  #required(names: readonly string[]): Clause<ObjectShape> {
    const { always } = this.#context.goals;
    const some = names.map((name) => ({ keys: named(name), goal: always }));
    return {
      holds: () => [{ ...EVERYTHING, some, min: names.length }],
      fails: () => names.map((name) => this.#lacks(name)),
    };
  }

  #lacks(name: string): ObjectShape {
    return everyProperty(named(name), this.#context.goals.never, NOTHING_EVALUATED);
  }

  #size(min: number, max: number): Clause<ObjectShape> {
    const sized = (least: number, most: number) => ({ ...EVERYTHING, min: least, max: most });
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
      return { present: someProperty(named(name), goals.always), lacking: this.#lacks(name), clause };
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
          [EVERYTHING],
        ),
      fails: () => parts.flatMap(({ present, clause }) => combiner.product([present], clause.fails(), node)),
    };
  }
}
