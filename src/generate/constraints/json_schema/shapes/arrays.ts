import type { Context } from '../claims/context.js';
import type { Clause, Combiner, Domain } from '../claims/domain.js';
import type { Goal, Test } from '../claims/goals.js';
import type { Scope } from '../claims/scope.js';
import { nameOf, type SchemaNode } from '../documents/documents.js';
import { isObject, type Json } from '../documents/json.js';
import { refused } from '../refuse.js';
import { described } from './described.js';
import { allowedValues, badValue, countOf, has, keywordValue, typesOf } from './keywords.js';

/** How many items from an index on pass a test. */
export interface Count {
  readonly test: Test;
  readonly from: number;
  readonly min: number;
  readonly max: number;
}

/** Arrays whose items meet goals by their index. */
export interface ArrayShape {
  readonly prefix: readonly Goal[];
  /** Goal of the items after the prefix. */
  readonly rest: Goal;
  readonly min: number;
  readonly max: number;
  readonly counts: readonly Count[];
  /** Whether all items must differ (true) or two must be equal (false). */
  readonly unique: { readonly isWanted: boolean; readonly at: string } | undefined;
  readonly evaluated: {
    /** Number of items at the beginning. */
    readonly count: number;
    /** Items that pass one of these tests. */
    readonly tests: readonly Test[];
  };
}

/** Longest prefix: each item of it costs memory, even if nothing is said about it. */
const LONGEST_PREFIX = 10_000;
const NOTHING_EVALUATED = { count: 0, tests: [] };

export class ArrayDomain implements Domain<ArrayShape> {
  readonly name = 'arrays';
  readonly everything: ArrayShape;
  readonly #context: Context;
  readonly unevaluated = {
    keyword: 'unevaluatedItems',
    holds: (shape: ArrayShape, test: Test) => {
      const { count } = shape.evaluated;
      const open = this.#unevaluatedTest(shape, test);
      if (open === undefined) return shape;
      const evaluated = { count: Number.POSITIVE_INFINITY, tests: [] };
      const added = this.#make({ prefix: this.#open(count), rest: open.yes, evaluated });
      return this.merge(shape, added);
    },
    fails: (shape: ArrayShape, test: Test) => {
      const { count } = shape.evaluated;
      const open = this.#unevaluatedTest(shape, test);
      if (open === undefined) return undefined;
      return this.merge(shape, this.#some({ yes: open.no, no: open.yes }, count));
    },
  };

  constructor(context: Context) {
    this.#context = context;
    const { always } = context.goals;
    this.everything = {
      prefix: [],
      rest: always,
      min: 0,
      max: Number.POSITIVE_INFINITY,
      counts: [],
      unique: undefined,
      evaluated: NOTHING_EVALUATED,
    };
  }

  key({ prefix, rest, min, max, counts, unique, evaluated }: ArrayShape): string {
    const counted = counts.map((each) => `${each.test.yes.key}@${each.from}:${each.min}-${each.max}`).sort();
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
    const { goals, documents } = this.#context;
    switch (keyword) {
      case 'type':
        return typesOf(node).has('array')
          ? { holds: () => [this.everything], fails: () => [] }
          : { holds: () => [], fails: () => [this.everything] };
      case 'enum':
      case 'const': {
        const schema = described(allowedValues(node, keyword).filter(Array.isArray));
        const { yes, no } = goals.test(documents.invented(node, schema), goals.scopes.outside);
        // The described parts do not count as evaluated.
        return {
          holds: () => combiner.goal(yes).map((shape) => this.unannotated(shape)),
          fails: () => combiner.goal(no),
        };
      }
      case 'minItems':
        return this.#length(countOf(node, keyword), Number.POSITIVE_INFINITY);
      case 'maxItems':
        return this.#length(0, countOf(node, keyword));
      case 'uniqueItems': {
        if (keywordValue(node, keyword) !== true) return undefined;
        const at = `${nameOf(node)}/${keyword}`;
        return {
          holds: () => [this.#make({ unique: { isWanted: true, at } })],
          fails: () => [this.#make({ min: 2, unique: { isWanted: false, at } })],
        };
      }
      case 'prefixItems':
        if (node.resource.dialect === 'draft7') return undefined;
        return this.#prefix(node, keyword, scope);
      case 'items':
        if (Array.isArray(keywordValue(node, keyword))) {
          if (node.resource.dialect === 'draft2020') {
            throw refused(`${nameOf(node)}/items`, 'is a list; draft 2020-12 has prefixItems for it');
          }
          return this.#prefix(node, keyword, scope);
        }
        return this.#rest(node, keyword, scope, prefixLength(node));
      case 'additionalItems':
        if (node.resource.dialect === 'draft2020' || !has(node, 'items')) return undefined;
        if (!Array.isArray(keywordValue(node, 'items'))) return undefined;
        return this.#rest(node, keyword, scope, (keywordValue(node, 'items') as readonly Json[]).length);
      case 'contains':
        return this.#contains(node, scope);
      default:
        return undefined;
    }
  }

  #make(changes: Partial<ArrayShape>): ArrayShape {
    return { ...this.everything, ...changes };
  }

  #open(length: number): Goal[] {
    return Array.from({ length }, () => this.#context.goals.always);
  }

  #some(test: Test, from: number): ArrayShape {
    return this.#make({ min: from + 1, counts: [{ test, from, min: 1, max: Number.POSITIVE_INFINITY }] });
  }

  #length(min: number, max: number): Clause<ArrayShape> {
    return {
      holds: () => [this.#make({ min, max })],
      fails: () => [
        ...(min > 0 ? [this.#make({ max: min - 1 })] : []),
        ...(max < Number.POSITIVE_INFINITY ? [this.#make({ min: max + 1 })] : []),
      ],
    };
  }

  #prefix(node: SchemaNode, keyword: string, scope: Scope): Clause<ArrayShape> {
    const { goals, documents } = this.#context;
    const value = keywordValue(node, keyword);
    if (!Array.isArray(value)) throw badValue(node, keyword, 'a list of schemas');
    if (value.length > LONGEST_PREFIX)
      throw badValue(node, keyword, `a list of at most ${LONGEST_PREFIX} schemas`);
    const tests = value.map((_, i) => goals.test(documents.child(node, keyword, `${i}`), scope));
    return {
      holds: () => [
        this.#make({ prefix: tests.map(({ yes }) => yes), evaluated: { count: tests.length, tests: [] } }),
      ],
      fails: () =>
        tests.flatMap(({ no }, i) =>
          no === goals.never ? [] : [this.#make({ min: i + 1, prefix: [...this.#open(i), no] })],
        ),
    };
  }

  #rest(node: SchemaNode, keyword: string, scope: Scope, from: number): Clause<ArrayShape> {
    const { goals, documents } = this.#context;
    const test = goals.test(documents.child(node, keyword), scope);
    return {
      holds: () => [
        this.#make({
          prefix: this.#open(from),
          rest: test.yes,
          evaluated: { count: Number.POSITIVE_INFINITY, tests: [] },
        }),
      ],
      fails: () => (test.no === goals.never ? [] : [this.#some({ yes: test.no, no: test.yes }, from)]),
    };
  }

  #contains(node: SchemaNode, scope: Scope): Clause<ArrayShape> {
    const { goals, documents } = this.#context;
    const test = goals.test(documents.child(node, 'contains'), scope);
    const isOld = node.resource.dialect === 'draft7';
    const min = !isOld && has(node, 'minContains') ? countOf(node, 'minContains') : 1;
    const max = !isOld && has(node, 'maxContains') ? countOf(node, 'maxContains') : Number.POSITIVE_INFINITY;
    const counted = (least: number, most: number, evaluated: ArrayShape['evaluated']) =>
      this.#make({ min: least, counts: [{ test, from: 0, min: least, max: most }], evaluated });
    return {
      holds: () => (min > max ? [] : [counted(min, max, { count: 0, tests: isOld ? [] : [test] })]),
      fails: () => [
        ...(min > 0 ? [counted(0, min - 1, NOTHING_EVALUATED)] : []),
        ...(max < Number.POSITIVE_INFINITY
          ? [counted(max + 1, Number.POSITIVE_INFINITY, NOTHING_EVALUATED)]
          : []),
      ],
    };
  }

  /** What items must meet after the evaluated ones; undefined if all items were evaluated. */
  #unevaluatedTest({ evaluated }: ArrayShape, test: Test): Test | undefined {
    if (evaluated.count === Number.POSITIVE_INFINITY) return undefined;
    return this.#context.goals.anyOf([...evaluated.tests, test]);
  }
}

export function countKey({ test, from, min, max }: Count): string {
  return `${test.yes.key}@${from} ${min}-${max}`;
}

function prefixLength(node: SchemaNode): number {
  if (node.resource.dialect === 'draft7' || !isObject(node.value)) return 0;
  const { prefixItems } = node.value;
  return Array.isArray(prefixItems) ? prefixItems.length : 0;
}
