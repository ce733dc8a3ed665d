import type { Goal } from '../claims/goals.js';
import type { NamedProperty, ObjectPlan, OtherProperties, Variant } from './object_plan.js';

/** Names that were used. */
export interface UsedNames {
  readonly sorted: readonly string[];
  /** The one that was used last, and those before it; undefined if there are none. */
  readonly latest?: { readonly name: string; readonly before: UsedNames };
}

/** How far an object is. */
export interface ObjectState {
  /** Bits of the named properties that cannot come any more. */
  readonly passed: bigint;
  /** Number of properties so far; the least number of all, if there are more and may be any number. */
  readonly count: number;
  /** Names of properties that the schema does not list. */
  readonly others: UsedNames;
  /** Bits of the wanted properties that are still missing. */
  readonly missing: number;
  /** Number of required named properties that can still come; it follows from `passed`, as the next one does. */
  readonly required: number;
  /** Number of named properties that can still come and have values. */
  readonly possible: number;
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
  /** By named property: how many from it on have values. */
  readonly #possibleFrom: readonly number[];
  /** Whether no value can have a required property. */
  readonly #isImpossible: boolean;

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
    const possibleFrom = [0];
    for (const { variants } of this.#named.slice().reverse()) {
      possibleFrom.push(possibleFrom.at(-1)! + Number(variants.length > 0));
    }
    this.#possibleFrom = possibleFrom.reverse();
    const required = this.#named.filter(({ isRequired }) => isRequired);
    this.#isImpossible = required.some(({ variants }) => variants.length === 0);
    const open = { required: required.length, possible: this.#possibleFrom[0]! };
    this.start = { ...{ passed: 0n, count: 0, others: { sorted: [] }, missing: plan.wanted }, ...open };
  }

  mayEnd({ count, missing, required }: ObjectState): boolean {
    const { min, max } = this.#plan.shape;
    return missing === 0 && count >= min && count <= max && required === 0;
  }

  /** The listed properties that may come next. */
  *named(state: ObjectState): Generator<NextProperty> {
    for (const [i, { name, isRequired, variants }] of this.#named.entries()) {
      const bit = 1n << BigInt(i);
      if ((state.passed & bit) !== 0n) continue;
      const passed = this.#isOrdered ? (bit << 1n) - 1n : state.passed | bit;
      const required = state.required - Number(isRequired);
      const possible = this.#isOrdered ? this.#possibleFrom[i + 1]! : state.possible - 1;
      const open = { required, possible };
      for (const { goal, meets } of variants) {
        const next = {
          ...state,
          passed,
          count: this.#oneMore(state),
          missing: state.missing & ~meets,
          ...open,
        };
        if (this.isFinishable(next)) yield { name, goal, next };
      }
      if (this.#isOrdered && isRequired) return;
    }
  }

  /** The sets of other properties of which one may come next, unless all their names were used. */
  openOthers(state: ObjectState): OtherProperties[] {
    if (this.#isOrdered && state.required > 0) return [];
    return [...this.#others.keys()].filter((others) => this.#afterOther(state, others, '').length > 0);
  }

  /** What the property `name` of such a set may be. */
  others(state: ObjectState, others: OtherProperties, name: string): NextProperty[] {
    return this.#afterOther(state, others, name);
  }

  #afterOther(state: ObjectState, others: OtherProperties, name: string): NextProperty[] {
    const passed = this.#isOrdered ? (1n << BigInt(this.#named.length)) - 1n : state.passed;
    const sorted = [...state.others.sorted, name].sort();
    const names = { sorted, latest: { name, before: state.others } };
    const open = this.#isOrdered ? { required: 0, possible: 0 } : state;
    return (this.#others.get(others) ?? []).flatMap(({ goal, meets }) => {
      const { required, possible } = open;
      const named = { passed, required, possible };
      const next = { ...named, count: this.#oneMore(state), others: names, missing: state.missing & ~meets };
      return this.isFinishable(next) ? [{ name, goal, next }] : [];
    });
  }

  /** Whether an object can be finished from here. */
  isFinishable(state: ObjectState): boolean {
    const { min, max } = this.#plan.shape;
    const fewest = this.#fewestMore(state);
    if (fewest === Number.POSITIVE_INFINITY || state.count + fewest > max) return false;
    if (state.count >= min) return true;
    return state.count + state.possible + this.#otherNames - state.others.sorted.length >= min;
  }

  /** So that states do not differ by a number that has no effect. */
  #oneMore({ count }: ObjectState): number {
    const { min, max } = this.#plan.shape;
    return max === Number.POSITIVE_INFINITY ? Math.min(count + 1, min) : count + 1;
  }

  #isOpen({ passed }: ObjectState, i: number): boolean {
    return ((passed >> BigInt(i)) & 1n) === 0n;
  }

  /** The smallest number of properties that must still come; Infinity if none is enough. */
  #fewestMore(state: ObjectState): number {
    if (this.#isImpossible) return Number.POSITIVE_INFINITY;
    if (state.missing === 0) return state.required;
    /** By what is missing: the smallest number of properties that leads there. */
    let fewest = new Map([[state.missing, 0]]);
    const reach = (into: Map<number, number>, missing: number, count: number) => {
      if (count < (into.get(missing) ?? Number.POSITIVE_INFINITY)) into.set(missing, count);
    };
    for (const [i, { isRequired, variants }] of this.#named.entries()) {
      if (!this.#isOpen(state, i)) continue;
      const next = isRequired ? new Map<number, number>() : new Map(fewest);
      for (const [missing, count] of fewest) {
        for (const { meets } of variants) reach(next, missing & ~meets, count + 1);
      }
      fewest = next;
    }
    // Each round adds one of the others; more rounds than wanted properties change nothing.
    for (let rest = state.missing; rest !== 0; rest &= rest - 1) {
      for (const [missing, count] of [...fewest]) {
        for (const variants of this.#others.values()) {
          for (const { meets } of variants) reach(fewest, missing & ~meets, count + 1);
        }
      }
    }
    return fewest.get(0) ?? Number.POSITIVE_INFINITY;
  }
}

export function objectStateKey({ passed, count, others, missing }: ObjectState): string {
  return `${passed.toString(16)} ${count} ${missing} ${JSON.stringify(others.sorted)}`;
}
