import type { Goal, Test } from '../claims/goals.js';

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

export const NOTHING_EVALUATED: ArrayShape['evaluated'] = { count: 0, tests: [] };

/** The shapes that differ from that of all arrays in something. */
export class ArrayShapes {
  readonly everything: ArrayShape;
  readonly #always: Goal;

  /** `always`: the goal of all values. */
  constructor(always: Goal) {
    this.#always = always;
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

  with(changes: Partial<ArrayShape>): ArrayShape {
    return { ...this.everything, ...changes };
  }

  /** The goals of the first items, of which nothing is asked. */
  open(length: number): Goal[] {
    return Array.from({ length }, () => this.#always);
  }

  /** Some item from an index on passes a test. */
  some(test: Test, from: number): ArrayShape {
    return this.with({ min: from + 1, counts: [{ test, from, min: 1, max: Number.POSITIVE_INFINITY }] });
  }
}

export function countKey({ test, from, min, max }: Count): string {
  return `${test.yes.key}@${from} ${min}-${max}`;
}
