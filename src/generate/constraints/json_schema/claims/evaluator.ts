import { hasLoneRef } from '../documents/dialect.js';
import { nameOf, type SchemaNode } from '../documents/documents.js';
import { isObject } from '../documents/json.js';
import { refused } from '../refuse.js';
import type { Context } from './context.js';
import type { Clause, Combiner, Domain } from './domain.js';
import { type Claim, type Goal, placeOf, type Test } from './goals.js';
import { combination } from './in_place.js';
import type { Scope } from './scope.js';

/** Most shapes of one schema and type: each more multiplies those of the schemas it is combined with. */
const MOST_SHAPES = 2000;

/** Finds the shapes of schemas for one type. */
export class Evaluator<Shape> implements Combiner<Shape> {
  readonly domain: Domain<Shape>;
  readonly context: Context;
  readonly #known = new Map<string, readonly Shape[]>();
  readonly #open = new Set<string>();

  constructor(context: Context, domain: Domain<Shape>) {
    this.context = context;
    this.domain = domain;
  }

  /** The shapes of all values that meet a goal. */
  goal(goal: Goal, exact = false): readonly Shape[] {
    if (goal === this.context.goals.never) return [];
    return goal.claims.reduce(
      (shapes, claim) => this.#product(shapes, this.#claim(claim, exact), placeOf(goal)),
      [this.domain.everything] as readonly Shape[],
    );
  }

  test(test: Test): Clause<Shape> {
    return { holds: (exact) => this.goal(test.yes, exact), fails: () => this.goal(test.no) };
  }

  #claim({ subject, holds }: Claim, exact: boolean): readonly Shape[] {
    const key = `${subject.id} ${holds} ${exact}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if ('anyOf' in subject) return this.distinct(subject.anyOf.flatMap((goal) => this.goal(goal)));
    const { node, scope } = subject;
    if (this.#open.has(key)) {
      throw refused(nameOf(node), 'refers to itself for the same value, so that it never ends');
    }
    this.#open.add(key);
    const shapes = this.distinct(
      holds
        ? this.#holds(node, scope, exact)
        : this.#fails(node, scope).map((shape) => this.domain.unannotated(shape)),
    );
    this.#open.delete(key);
    this.#known.set(key, shapes);
    return shapes;
  }

  #holds(node: SchemaNode, scope: Scope, exact: boolean): readonly Shape[] {
    const rest = this.#unevaluated(node, scope);
    const isExact = exact || rest !== undefined;
    const shapes = this.#clauses(node, scope).reduce(
      (product, clause) =>
        product.length === 0 ? product : this.product(product, clause.holds(isExact), node),
      [this.domain.everything] as readonly Shape[],
    );
    if (rest === undefined) return shapes;
    return shapes.flatMap((shape) => this.domain.unevaluated!.holds(shape, rest) ?? []);
  }

  #fails(node: SchemaNode, scope: Scope): readonly Shape[] {
    const rest = this.#unevaluated(node, scope);
    const clauses = this.#clauses(node, scope);
    const failed = clauses.flatMap((clause) => clause.fails());
    if (rest === undefined) return failed;
    const others = clauses.reduce((product, clause) => this.product(product, clause.holds(true), node), [
      this.domain.everything,
    ] as readonly Shape[]);
    return [...failed, ...others.flatMap((shape) => this.domain.unevaluated!.fails(shape, rest) ?? [])];
  }

  #unevaluated(node: SchemaNode, scope: Scope): Test | undefined {
    const keyword = this.domain.unevaluated?.keyword;
    if (keyword === undefined || !isObject(node.value) || node.value[keyword] === undefined) return undefined;
    if (node.resource.dialect === 'draft7') return undefined;
    return this.context.goals.test(this.context.documents.child(node, keyword), scope);
  }

  #clauses(node: SchemaNode, scope: Scope): readonly Clause<Shape>[] {
    const { value } = node;
    if (!isObject(value)) return [];
    const keywords = hasLoneRef(value, node.resource.dialect) ? ['$ref'] : Object.keys(value);
    return keywords.flatMap((keyword) => {
      if (value[keyword] === undefined) return [];
      return combination(this, node, keyword, scope) ?? this.domain.clause(node, keyword, scope, this) ?? [];
    });
  }

  /** The shapes of values that have a shape of each list. `node`: the schema that is refused if there are too many. */
  product(a: readonly Shape[], b: readonly Shape[], node: SchemaNode): readonly Shape[] {
    return this.#product(a, b, nameOf(node));
  }

  #product(a: readonly Shape[], b: readonly Shape[], at: string): readonly Shape[] {
    const merged: Shape[] = [];
    for (const one of a) {
      for (const other of b) {
        const both = this.domain.merge(one, other);
        if (both !== undefined) merged.push(both);
      }
      if (merged.length > MOST_SHAPES) {
        throw refused(
          at,
          `has more than ${MOST_SHAPES} alternatives for ${this.domain.name}; use fewer or simpler anyOf, oneOf, not and if`,
        );
      }
    }
    return merged.length > 1 ? this.distinct(merged) : merged;
  }

  distinct(shapes: readonly Shape[]): readonly Shape[] {
    if (shapes.length < 2) return shapes;
    if (this.domain.simplified !== undefined) return this.domain.simplified(shapes);
    return [...new Map(shapes.map((shape) => [this.domain.key(shape), shape])).values()];
  }
}
