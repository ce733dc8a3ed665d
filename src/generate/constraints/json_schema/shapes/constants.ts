import type { Clause, Domain } from '../claims/domain.js';
import type { SchemaNode } from '../documents/documents.js';
import { allowedValues, typesOf } from './keywords.js';

/** A set of the values that have one text each, as bits. */
export type ConstantShape = number;

export const CONSTANTS: readonly (null | boolean)[] = [null, true, false];
const ALL = 0b111;

/** null, true and false. */
export class ConstantDomain implements Domain<ConstantShape> {
  readonly name = 'null and booleans';
  readonly everything = ALL;

  key(shape: ConstantShape): string {
    return `${shape}`;
  }

  unannotated(shape: ConstantShape): ConstantShape {
    return shape;
  }

  merge(a: ConstantShape, b: ConstantShape): ConstantShape | undefined {
    return (a & b) === 0 ? undefined : a & b;
  }

  clause(node: SchemaNode, keyword: string): Clause<ConstantShape> | undefined {
    if (keyword === 'type') {
      const types = typesOf(node);
      return clauseOf((types.has('null') ? 0b001 : 0) | (types.has('boolean') ? 0b110 : 0));
    }
    if (keyword !== 'enum' && keyword !== 'const') return undefined;
    const values = allowedValues(node, keyword);
    return clauseOf(CONSTANTS.reduce((set, value, i) => set | (values.includes(value) ? 1 << i : 0), 0));
  }
}

function clauseOf(set: ConstantShape): Clause<ConstantShape> {
  const listed = (bits: number) => (bits === 0 ? [] : [bits]);
  return { holds: () => listed(set), fails: () => listed(ALL & ~set) };
}
