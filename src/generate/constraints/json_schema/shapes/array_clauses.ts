import type { Context } from '../claims/context.js';
import type { Clause, Combiner } from '../claims/domain.js';
import type { Scope } from '../claims/scope.js';
import { nameOf, type SchemaNode } from '../documents/documents.js';
import { isObject, type Json } from '../documents/json.js';
import { refused } from '../refuse.js';
import { type ArrayShape, type ArrayShapes, NOTHING_EVALUATED } from './array_shape.js';
import { described } from './described.js';
import { allowedValues, badValue, countOf, has, keywordValue, typesOf } from './keywords.js';

/** Longest prefix: each item of it costs memory, even if nothing is said about it. */
const LONGEST_PREFIX = 10_000;

/** What keywords say about arrays. */
export class ArrayClauses {
  readonly #context: Context;
  readonly #shapes: ArrayShapes;

  constructor(context: Context, shapes: ArrayShapes) {
    this.#context = context;
    this.#shapes = shapes;
  }

  /** undefined if a keyword says nothing. */
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
          ? { holds: () => [this.#shapes.everything], fails: () => [] }
          : { holds: () => [], fails: () => [this.#shapes.everything] };
      case 'enum':
      case 'const': {
        const schema = described(allowedValues(node, keyword).filter(Array.isArray));
        const { yes, no } = goals.test(documents.invented(node, schema), goals.scopes.outside);
        // The described parts do not count as evaluated.
        return {
          holds: () => combiner.goal(yes).map((shape) => combiner.domain.unannotated(shape)),
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
          holds: () => [this.#shapes.with({ unique: { isWanted: true, at } })],
          fails: () => [this.#shapes.with({ min: 2, unique: { isWanted: false, at } })],
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

  #length(min: number, max: number): Clause<ArrayShape> {
    return {
      holds: () => [this.#shapes.with({ min, max })],
      fails: () => [
        ...(min > 0 ? [this.#shapes.with({ max: min - 1 })] : []),
        ...(max < Number.POSITIVE_INFINITY ? [this.#shapes.with({ min: max + 1 })] : []),
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
        this.#shapes.with({
          prefix: tests.map(({ yes }) => yes),
          evaluated: { count: tests.length, tests: [] },
        }),
      ],
      fails: () =>
        tests.flatMap(({ no }, i) =>
          no === goals.never
            ? []
            : [this.#shapes.with({ min: i + 1, prefix: [...this.#shapes.open(i), no] })],
        ),
    };
  }

  #rest(node: SchemaNode, keyword: string, scope: Scope, from: number): Clause<ArrayShape> {
    const { goals, documents } = this.#context;
    const test = goals.test(documents.child(node, keyword), scope);
    return {
      holds: () => [
        this.#shapes.with({
          prefix: this.#shapes.open(from),
          rest: test.yes,
          evaluated: { count: Number.POSITIVE_INFINITY, tests: [] },
        }),
      ],
      fails: () => (test.no === goals.never ? [] : [this.#shapes.some({ yes: test.no, no: test.yes }, from)]),
    };
  }

  #contains(node: SchemaNode, scope: Scope): Clause<ArrayShape> {
    const { goals, documents } = this.#context;
    const test = goals.test(documents.child(node, 'contains'), scope);
    const isOld = node.resource.dialect === 'draft7';
    const min = !isOld && has(node, 'minContains') ? countOf(node, 'minContains') : 1;
    const max = !isOld && has(node, 'maxContains') ? countOf(node, 'maxContains') : Number.POSITIVE_INFINITY;
    const counted = (least: number, most: number, evaluated: ArrayShape['evaluated']) =>
      this.#shapes.with({ min: least, counts: [{ test, from: 0, min: least, max: most }], evaluated });
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
}

function prefixLength(node: SchemaNode): number {
  if (node.resource.dialect === 'draft7' || !isObject(node.value)) return 0;
  const { prefixItems } = node.value;
  return Array.isArray(prefixItems) ? prefixItems.length : 0;
}
