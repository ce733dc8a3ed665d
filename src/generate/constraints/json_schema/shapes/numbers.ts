import type { Clause, Domain } from '../claims/domain.js';
import type { SchemaNode } from '../documents/documents.js';
import { refused } from '../refuse.js';
import { compare, type Decimal, decimalKey, decimalOf, isMultiple, lcm } from './decimal.js';
import { allowedValues, badValue, numberOf, typesOf } from './keywords.js';

/** A bound of numbers. */
export interface Bound {
  readonly at: Decimal;
  readonly isOpen: boolean;
}

/** Numbers within bounds that are multiples of a number, and not of some others. */
export interface NumberShape {
  readonly min: Bound | undefined;
  readonly max: Bound | undefined;
  readonly multipleOf: Decimal | undefined;
  readonly notMultipleOf: readonly Decimal[];
  readonly not: readonly Decimal[];
}

/** Most numbers whose multiples are excluded at a time: a number that is no multiple is searched among 2^n. */
const MOST_EXCLUDED = 8;
const ONE = decimalOf(1);
const EVERYTHING: NumberShape = {
  min: undefined,
  max: undefined,
  multipleOf: undefined,
  notMultipleOf: [],
  not: [],
};

/** Numbers; integers are multiples of 1. */
export class NumberDomain implements Domain<NumberShape> {
  readonly name = 'numbers';
  readonly everything = EVERYTHING;

  key(shape: NumberShape): string {
    return numberKey(shape);
  }

  unannotated(shape: NumberShape): NumberShape {
    return shape;
  }

  merge(a: NumberShape, b: NumberShape): NumberShape | undefined {
    if (a === EVERYTHING) return b;
    if (b === EVERYTHING) return a;
    const min = stricter(a.min, b.min, 1);
    const max = stricter(a.max, b.max, -1);
    const multipleOf =
      a.multipleOf === undefined || b.multipleOf === undefined
        ? (a.multipleOf ?? b.multipleOf)
        : lcm(a.multipleOf, b.multipleOf);
    const notMultipleOf = distinct([...a.notMultipleOf, ...b.notMultipleOf]);
    const not = distinct([...a.not, ...b.not]);
    if (multipleOf !== undefined && notMultipleOf.some((each) => isMultiple(multipleOf, each)))
      return undefined;
    if (notMultipleOf.length > MOST_EXCLUDED) {
      throw refused('#', `excludes the multiples of more than ${MOST_EXCLUDED} numbers at a time; use fewer`);
    }
    const shape = { min, max, multipleOf, notMultipleOf, not };
    if (min === undefined || max === undefined) return shape;
    const order = compare(min.at, max.at);
    if (order > 0 || (order === 0 && (min.isOpen || max.isOpen || !isIn(min.at, shape)))) return undefined;
    return shape;
  }

  clause(node: SchemaNode, keyword: string): Clause<NumberShape> | undefined {
    switch (keyword) {
      case 'type': {
        const types = typesOf(node);
        if (types.has('number')) return { holds: () => [EVERYTHING], fails: () => [] };
        if (!types.has('integer')) return { holds: () => [], fails: () => [EVERYTHING] };
        return multiples(ONE);
      }
      case 'enum':
      case 'const': {
        const values = allowedValues(node, keyword).filter((value) => typeof value === 'number');
        const numbers = distinct(values.map(decimalOf));
        const only = (at: Decimal): NumberShape => ({
          ...EVERYTHING,
          min: { at, isOpen: false },
          max: { at, isOpen: false },
        });
        return { holds: () => numbers.map(only), fails: () => [{ ...EVERYTHING, not: numbers }] };
      }
      case 'multipleOf': {
        const number = numberOf(node, keyword);
        if (number <= 0) throw badValue(node, keyword, 'greater than 0');
        return multiples(decimalOf(number));
      }
      case 'minimum':
        return bounds('min', { at: decimalOf(numberOf(node, keyword)), isOpen: false });
      case 'maximum':
        return bounds('max', { at: decimalOf(numberOf(node, keyword)), isOpen: false });
      case 'exclusiveMinimum':
        return bounds('min', { at: decimalOf(numberOf(node, keyword)), isOpen: true });
      case 'exclusiveMaximum':
        return bounds('max', { at: decimalOf(numberOf(node, keyword)), isOpen: true });
      default:
        return undefined;
    }
  }
}

export function numberKey({ min, max, multipleOf, notMultipleOf, not }: NumberShape): string {
  const bound = (b: Bound | undefined) =>
    b === undefined ? '' : `${decimalKey(b.at)}${b.isOpen ? 'o' : ''}`;
  const list = (numbers: readonly Decimal[]) => numbers.map(decimalKey).sort().join();
  const multiple = multipleOf === undefined ? '' : decimalKey(multipleOf);
  return `${bound(min)};${bound(max)};${multiple};${list(notMultipleOf)};${list(not)}`;
}

function multiples(of: Decimal): Clause<NumberShape> {
  return {
    holds: () => [{ ...EVERYTHING, multipleOf: of }],
    fails: () => [{ ...EVERYTHING, notMultipleOf: [of] }],
  };
}

function bounds(end: 'min' | 'max', bound: Bound): Clause<NumberShape> {
  const other = end === 'min' ? 'max' : 'min';
  return {
    holds: () => [{ ...EVERYTHING, [end]: bound }],
    fails: () => [{ ...EVERYTHING, [other]: { at: bound.at, isOpen: !bound.isOpen } }],
  };
}

/** The bound that leaves fewer numbers; `direction`: 1 for lower bounds, -1 for upper ones. */
function stricter(a: Bound | undefined, b: Bound | undefined, direction: 1 | -1): Bound | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compare(a.at, b.at) * direction;
  if (order === 0) return a.isOpen ? a : b;
  return order > 0 ? a : b;
}

function distinct(numbers: readonly Decimal[]): readonly Decimal[] {
  return [...new Map(numbers.map((number) => [decimalKey(number), number])).values()];
}

export function isIn(number: Decimal, { min, max, multipleOf, notMultipleOf, not }: NumberShape): boolean {
  if (min !== undefined && compare(number, min.at) < (min.isOpen ? 1 : 0)) return false;
  if (max !== undefined && compare(number, max.at) > (max.isOpen ? -1 : 0)) return false;
  if (multipleOf !== undefined && !isMultiple(number, multipleOf)) return false;
  if (notMultipleOf.some((each) => isMultiple(number, each))) return false;
  return !not.some((each) => compare(number, each) === 0);
}
