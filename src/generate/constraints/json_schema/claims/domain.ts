import type { SchemaNode } from '../documents/documents.js';
import type { Context } from './context.js';
import type { Goal, Test } from './goals.js';
import type { Scope } from './scope.js';

/** Some condition on values of one type, as alternatives: shapes, one of which a value must have. */
export interface Clause<Shape> {
  /** `exact`: each shape knows which parts of its values are evaluated, and which are not. */
  holds(exact: boolean): readonly Shape[];
  fails(): readonly Shape[];
}

/** The values of one type, or of several, and the keywords about them. */
export interface Domain<Shape> {
  readonly name: string;
  /** The shape of all values of the type. */
  readonly everything: Shape;
  /** The same text for equal shapes. */
  key(shape: Shape): string;
  /** The values of both shapes; undefined if it is clear that there are none. */
  merge(a: Shape, b: Shape): Shape | undefined;
  /** A shape that has evaluated nothing: for schemas that fail, whose annotations do not count. */
  unannotated(shape: Shape): Shape;
  /** What a keyword says about the type; undefined if it says nothing. */
  clause(
    node: SchemaNode,
    keyword: string,
    scope: Scope,
    combiner: Combiner<Shape>,
  ): Clause<Shape> | undefined;
  /** Fewer shapes for the same values, if that is possible. */
  simplified?(shapes: readonly Shape[]): readonly Shape[];
  /** The keyword about parts that no other keyword has evaluated. */
  readonly unevaluated?: {
    readonly keyword: string;
    holds(shape: Shape, test: Test): Shape | undefined;
    fails(shape: Shape, test: Test): Shape | undefined;
  };
}

/** Combines the shapes of schemas. */
export interface Combiner<Shape> {
  readonly context: Context;
  readonly domain: Domain<Shape>;
  /** The shapes of all values that meet a goal. `exact`: as in `Clause`. */
  goal(goal: Goal, exact?: boolean): readonly Shape[];
  test(test: Test): Clause<Shape>;
  /** The shapes of values that have a shape of each list. `node`: the schema that is refused if there are too many. */
  product(a: readonly Shape[], b: readonly Shape[], node: SchemaNode): readonly Shape[];
}
