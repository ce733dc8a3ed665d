import { nameOf, type SchemaNode } from '../documents/documents.js';
import { isObject, type Json } from '../documents/json.js';
import { refused } from '../refuse.js';
import type { Clause, Combiner } from './domain.js';
import type { Scope } from './scope.js';

/** The clause of a keyword that applies other schemas to the same value; undefined for any other keyword. */
export function combination<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  keyword: string,
  scope: Scope,
): Clause<Shape> | undefined {
  const { documents, goals } = combiner.context;
  const value = (node.value as Readonly<Record<string, Json>>)[keyword]!;
  const clauseAt = (...path: string[]) => combiner.test(goals.test(documents.child(node, ...path), scope));
  const list = () => {
    if (!Array.isArray(value) || value.length === 0) {
      throw refused(`${nameOf(node)}/${keyword}`, 'must be a list of at least one schema');
    }
    return value.map((_, i) => clauseAt(keyword, String(i)));
  };
  switch (keyword) {
    case '$ref':
      return combiner.test(goals.test(documents.resolve(node, keyword, value).node, scope));
    case '$dynamicRef': {
      if (node.resource.dialect === 'draft7') return undefined;
      const target = documents.resolve(node, keyword, value);
      const { dynamicAnchor } = target;
      const first = dynamicAnchor === undefined ? undefined : scope.anchors.get(dynamicAnchor);
      return combiner.test(goals.test(first ?? target.node, scope));
    }
    case 'allOf':
      return all(combiner, node, list());
    case 'anyOf':
      return any(combiner, node, list());
    case 'oneOf':
      return one(combiner, node, list());
    case 'not': {
      const { holds, fails } = clauseAt(keyword);
      return { holds: fails, fails: () => holds(false) };
    }
    case 'if': {
      const { value: schema } = node;
      const branch = (name: 'then' | 'else') =>
        isObject(schema) && schema[name] !== undefined ? clauseAt(name) : undefined;
      return conditional(combiner, node, clauseAt(keyword), branch('then'), branch('else'));
    }
    default:
      return undefined;
  }
}

function all<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  clauses: readonly Clause<Shape>[],
): Clause<Shape> {
  return {
    holds: (exact) => common(combiner, node, clauses, (clause) => clause.holds(exact)),
    fails: () => clauses.flatMap((clause) => clause.fails()),
  };
}

function any<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  clauses: readonly Clause<Shape>[],
): Clause<Shape> {
  return {
    holds(exact) {
      if (!exact) return clauses.flatMap((clause) => clause.holds(false));
      return clauses.flatMap((first, i) => {
        // The values for which it is the first that holds, by which of the later ones hold.
        let shapes = first.holds(true);
        for (const [j, other] of clauses.entries()) {
          if (j === i || shapes.length === 0) continue;
          const holds = other.holds(true);
          const failing = without(combiner, node, shapes, holds, other);
          shapes = j < i ? failing : [...combiner.product(shapes, holds, node), ...failing];
        }
        return shapes;
      });
    },
    fails: () => common(combiner, node, clauses, (clause) => clause.fails()),
  };
}

function one<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  clauses: readonly Clause<Shape>[],
): Clause<Shape> {
  return {
    holds: (exact) =>
      clauses.flatMap((chosen, i) => {
        let shapes = chosen.holds(exact);
        for (const [j, other] of clauses.entries()) {
          if (j === i || shapes.length === 0) continue;
          shapes = without(combiner, node, shapes, other.holds(false), other);
        }
        return shapes;
      }),
    fails() {
      const none = common(combiner, node, clauses, (clause) => clause.fails());
      const pairs = clauses.flatMap((first, i) =>
        clauses
          .slice(i + 1)
          .flatMap((second) => combiner.product(first.holds(false), second.holds(false), node)),
      );
      return [...none, ...pairs];
    },
  };
}

/** The values that are in the shapes of every clause. */
function common<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  clauses: readonly Clause<Shape>[],
  shapesOf: (clause: Clause<Shape>) => readonly Shape[],
): readonly Shape[] {
  const everything: readonly Shape[] = [combiner.domain.everything];
  return clauses.reduce((shapes, clause) => combiner.product(shapes, shapesOf(clause), node), everything);
}

/** `shapes` without the values of a condition. Shapes that it cannot meet stay as they are. */
function without<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  shapes: readonly Shape[],
  holds: readonly Shape[],
  clause: Clause<Shape>,
): readonly Shape[] {
  const { domain } = combiner;
  const apart: Shape[] = [];
  const met: Shape[] = [];
  for (const shape of shapes) {
    const isApart = holds.every((other) => domain.merge(shape, other) === undefined);
    (isApart ? apart : met).push(shape);
  }
  if (met.length === 0) return apart;
  return [...apart, ...combiner.product(met, clause.fails(), node)];
}

function conditional<Shape>(
  combiner: Combiner<Shape>,
  node: SchemaNode,
  condition: Clause<Shape>,
  then: Clause<Shape> | undefined,
  otherwise: Clause<Shape> | undefined,
): Clause<Shape> {
  const { everything } = combiner.domain;
  const branch = (shapes: readonly Shape[], clause: Clause<Shape> | undefined, exact: boolean) =>
    clause === undefined ? shapes : combiner.product(shapes, clause.holds(exact), node);
  const failed = (shapes: readonly Shape[], clause: Clause<Shape> | undefined) =>
    clause === undefined ? [] : combiner.product(shapes, clause.fails(), node);
  return {
    holds(exact) {
      if (!exact && then === undefined && otherwise === undefined) return [everything];
      return [...branch(condition.holds(exact), then, exact), ...branch(condition.fails(), otherwise, exact)];
    },
    fails: () => [...failed(condition.holds(false), then), ...failed(condition.fails(), otherwise)],
  };
}
