import type { Goal } from '../claims/goals.js';
import type { NamedProperty, ObjectPlan, OtherProperties, Variant } from './object_plan.js';

/** How far an object is. */
export interface ObjectState {
  /** Bits of the named properties that cannot come any more. */
  readonly passed: bigint;
  /** Number of properties so far. */
  readonly count: number;
  /** Names of properties that the schema does not list, sorted. */
  readonly others: readonly string[];
  /** Bits of the wanted properties that are still missing. */
  readonly missing: number;
}

/** A property of a given name that may come next. */
export interface NextProperty {
  readonly name: string;
  readonly goal: Goal;
  readonly next: ObjectState;
}

/** The orders in which the properties of an object may come, without those that no value can have. */
export class ObjectCourse {
  readonly start: ObjectState;
  readonly #plan: ObjectPlan;
  readonly #isOrdered: boolean;
  readonly #named: readonly NamedProperty[];
  readonly #others: ReadonlyMap<OtherProperties, readonly Variant[]>;
  /** Number of names that the schema does not list. */
  readonly #otherNames: number;

  constructor(plan: ObjectPlan, order: 'schema' | 'any', isPossible: (goal: Goal) => boolean) {
    this.#plan = plan;
    this.#isOrdered = order === 'schema';
    const possible = (variants: readonly Variant[]) => variants.filter(({ goal }) => isPossible(goal));
    this.#named = plan.named.map((each) => ({ ...each, variants: possible(each.variants) }));
    this.#others = new Map(
      plan.others.flatMap((each) => {
        const variants = possible(each.variants);
        return variants.length > 0 ? [[each, variants] as const] : [];
      }),
    );
    this.#otherNames = [...this.#others.keys()].reduce((sum, { size }) => sum + size, 0);
    this.start = { passed: 0n, count: 0, others: [], missing: plan.wanted };
  }

  mayEnd({ passed, count, missing }: ObjectState): boolean {
    const { min, max } = this.#plan.shape;
    return missing === 0 && count >= min && count <= max && !this.#hasRequired(passed);
  }

  /** The listed properties that may come next. */
  *named(state: ObjectState): Generator<NextProperty> {
    for (const [i, { name, isRequired, variants }] of this.#named.entries()) {
      const bit = 1n << BigInt(i);
      if ((state.passed & bit) !== 0n) continue;
      const passed = this.#isOrdered ? (bit << 1n) - 1n : state.passed | bit;
      for (const { goal, meets } of variants) {
        const next = { ...state, passed, count: state.count + 1, missing: state.missing & ~meets };
        if (this.isFinishable(next)) yield { name, goal, next };
      }
      if (this.#isOrdered && isRequired) return;
    }
  }

  /** The sets of other properties of which one may come next, unless all their names were used. */
  openOthers(state: ObjectState): OtherProperties[] {
    if (this.#isOrdered && this.#hasRequired(state.passed)) return [];
    return [...this.#others.keys()].filter((others) => this.#afterOther(state, others, '').length > 0);
  }

  /** What the property `name` of such a set may be. */
  others(state: ObjectState, others: OtherProperties, name: string): NextProperty[] {
    return this.#afterOther(state, others, name);
  }

  #afterOther(state: ObjectState, others: OtherProperties, name: string): NextProperty[] {
    const passed = this.#isOrdered ? (1n << BigInt(this.#named.length)) - 1n : state.passed;
    const names = [...state.others, name].sort();
    return (this.#others.get(others) ?? []).flatMap(({ goal, meets }) => {
      const next = { passed, count: state.count + 1, others: names, missing: state.missing & ~meets };
      return this.isFinishable(next) ? [{ name, goal, next }] : [];
    });
  }

  /** Whether an object can be finished from here. */
  isFinishable(state: ObjectState): boolean {
    const { min, max } = this.#plan.shape;
    const fewest = this.#fewestMore(state);
    if (fewest === Number.POSITIVE_INFINITY || state.count + fewest > max) return false;
    if (state.count >= min) return true;
    const left = this.#named.filter((each, i) => this.#isOpen(state, i) && each.variants.length > 0).length;
    return state.count + left + this.#otherNames - state.others.length >= min;
  }

  #isOpen({ passed }: ObjectState, i: number): boolean {
    return ((passed >> BigInt(i)) & 1n) === 0n;
  }

  #hasRequired(passed: bigint): boolean {
    return this.#named.some(({ isRequired }, i) => isRequired && ((passed >> BigInt(i)) & 1n) === 0n);
  }

  /** The smallest number of properties that must still come; Infinity if none is enough. */
  #fewestMore(state: ObjectState): number {
    /** By what is missing: the smallest number of properties that leads there. */
    let fewest = new Map([[state.missing, 0]]);
    const reach = (into: Map<number, number>, missing: number, count: number) => {
      if (count < (into.get(missing) ?? Number.POSITIVE_INFINITY)) into.set(missing, count);
    };
    for (const [i, { isRequired, variants }] of this.#named.entries()) {
      if (!this.#isOpen(state, i) || (!isRequired && state.missing === 0)) continue;
      const next = isRequired ? new Map<number, number>() : new Map(fewest);
      for (const [missing, count] of fewest) {
        for (const { meets } of variants) reach(next, missing & ~meets, count + 1);
      }
      fewest = next;
    }
    if (state.missing !== 0) {
      // Each round adds one of the others; more rounds than wanted properties change nothing.
      for (let rest = state.missing; rest !== 0; rest &= rest - 1) {
        for (const [missing, count] of [...fewest]) {
          for (const variants of this.#others.values()) {
            for (const { meets } of variants) reach(fewest, missing & ~meets, count + 1);
          }
        }
      }
    }
    return fewest.get(0) ?? Number.POSITIVE_INFINITY;
  }
}

export function objectStateKey({ passed, count, others, missing }: ObjectState): string {
  return `${passed.toString(36)} ${count} ${missing} ${JSON.stringify(others)}`;
}
