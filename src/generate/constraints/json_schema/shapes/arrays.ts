import type { Context } from '../claims/context.js';
import type { Clause, Combiner, Domain } from '../claims/domain.js';
import type { Test } from '../claims/goals.js';
import type { Scope } from '../claims/scope.js';
import type { SchemaNode } from '../documents/documents.js';
import { ArrayClauses } from './array_clauses.js';
import { type ArrayShape, ArrayShapes, countKey, NOTHING_EVALUATED } from './array_shape.js';

export class ArrayDomain implements Domain<ArrayShape> {
  readonly name = 'arrays';
  readonly everything: ArrayShape;
  readonly #context: Context;
  readonly #shapes: ArrayShapes;
  readonly #clauses: ArrayClauses;
  readonly unevaluated = {
    keyword: 'unevaluatedItems',
    holds: (shape: ArrayShape, test: Test) => {
      const { count } = shape.evaluated;
      const open = this.#unevaluatedTest(shape, test);
      if (open === undefined) return shape;
      const evaluated = { count: Number.POSITIVE_INFINITY, tests: [] };
      const added = this.#shapes.with({ prefix: this.#shapes.open(count), rest: open.yes, evaluated });
      return this.merge(shape, added);
    },
    fails: (shape: ArrayShape, test: Test) => {
      const { count } = shape.evaluated;
      const open = this.#unevaluatedTest(shape, test);
      if (open === undefined) return undefined;
      return this.merge(shape, this.#shapes.some({ yes: open.no, no: open.yes }, count));
    },
  };

  constructor(context: Context) {
    this.#context = context;
    this.#shapes = new ArrayShapes(context.goals.always);
    this.#clauses = new ArrayClauses(context, this.#shapes);
    this.everything = this.#shapes.everything;
  }

  key({ prefix, rest, min, max, counts, unique, evaluated }: ArrayShape): string {
    const counted = counts.map(countKey).sort();
    const seen = `${evaluated.count} ${evaluated.tests.map(({ yes }) => yes.key).sort()}`;
    return `[${prefix.map(({ key }) => key)}|${rest.key}] ${min} ${max} ${counted} ${unique?.isWanted} ${seen}`;
  }

  unannotated(shape: ArrayShape): ArrayShape {
    return { ...shape, evaluated: NOTHING_EVALUATED };
  }

  merge(a: ArrayShape, b: ArrayShape): ArrayShape | undefined {
    if (a === this.everything) return b;
    if (b === this.everything) return a;
    const { goals, isClearlyEmpty } = this.#context;
    if (a.unique !== undefined && b.unique !== undefined && a.unique.isWanted !== b.unique.isWanted) {
      return undefined;
    }
    const min = Math.max(a.min, b.min);
    let max = Math.min(a.max, b.max);
    const length = Math.max(a.prefix.length, b.prefix.length);
    const prefix = Array.from({ length }, (_, i) => goals.both(a.prefix[i] ?? a.rest, b.prefix[i] ?? b.rest));
    const rest = goals.both(a.rest, b.rest);
    const impossible = prefix.findIndex((goal) => isClearlyEmpty(goal));
    if (impossible >= 0) max = Math.min(max, impossible);
    else if (isClearlyEmpty(rest)) max = Math.min(max, length);
    if (min > max) return undefined;
    const counts = new Map([...a.counts, ...b.counts].map((each) => [countKey(each), each]));
    return {
      prefix,
      rest,
      min,
      max,
      counts: [...counts.values()],
      unique: a.unique ?? b.unique,
      evaluated: {
        count: Math.max(a.evaluated.count, b.evaluated.count),
        tests: [...a.evaluated.tests, ...b.evaluated.tests],
      },
    };
  }

  clause(
    node: SchemaNode,
    keyword: string,
    scope: Scope,
    combiner: Combiner<ArrayShape>,
  ): Clause<ArrayShape> | undefined {
    return this.#clauses.clause(node, keyword, scope, combiner);
  }

  /** What items must meet after the evaluated ones; undefined if all items were evaluated. */
  #unevaluatedTest({ evaluated }: ArrayShape, test: Test): Test | undefined {
    if (evaluated.count === Number.POSITIVE_INFINITY) return undefined;
    return this.#context.goals.anyOf([...evaluated.tests, test]);
  }
}
