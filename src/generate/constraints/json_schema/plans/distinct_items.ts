import type { Goal } from '../claims/goals.js';
import type { ArrayPlan, ArrayState } from './array_plan.js';

/** All values that meet a goal, as canonical texts; undefined if there are more than an array can need. */
export type Values = (goal: Goal) => ReadonlySet<string> | undefined;

/** Decides from which states an array can be finished whose items must all differ. */
export class DistinctItems {
  readonly #plan: ArrayPlan;
  readonly #isPossible: (goal: Goal) => boolean;
  readonly #isFinishable: (state: ArrayState) => boolean;
  readonly #values: Values;

  constructor(plan: ArrayPlan, isPossible: (goal: Goal) => boolean, values: Values) {
    this.#plan = plan;
    this.#isPossible = isPossible;
    this.#isFinishable = plan.finishable(isPossible);
    this.#values = values;
  }

  /** `used`: the items so far. */
  isFinishable(state: ArrayState, used: ReadonlySet<string>): boolean {
    if (!this.#isFinishable(state)) return false;
    const { count } = this.#plan;
    return count === undefined ? this.#hasItems(state, used) : this.#hasCounts(state, used);
  }

  /** The values that some item up to the least length needs, and that others must leave to it. */
  scarce(state: ArrayState): ReadonlySet<string> {
    return new Set(this.#needed(state).flatMap((values) => [...values]));
  }

  /** The values of each item up to the least length that has a limited number of them. */
  #needed({ index }: ArrayState): ReadonlySet<string>[] {
    const { min } = this.#plan.shape;
    const sets: ReadonlySet<string>[] = [];
    for (let at = index; at < min; at++) {
      for (const { goal } of this.#plan.options({ index: at, passed: [] }, this.#isPossible)) {
        const values = this.#values(goal);
        if (values !== undefined) sets.push(values);
      }
    }
    return sets;
  }

  /** Whether each of the items that must still come can have a value of its own: a matching, by augmenting paths. */
  #hasItems(state: ArrayState, used: ReadonlySet<string>): boolean {
    const sets = this.#needed(state);
    const [first] = sets;
    if (first !== undefined && sets.every((set) => set === first)) {
      return [...first].filter((value) => !used.has(value)).length >= sets.length;
    }
    const owners = new Map<string, number>();
    const assign = (item: number, tried: Set<string>): boolean => {
      for (const value of sets[item]!) {
        if (used.has(value) || tried.has(value)) continue;
        tried.add(value);
        const owner = owners.get(value);
        if (owner !== undefined && !assign(owner, tried)) continue;
        owners.set(value, item);
        return true;
      }
      return false;
    };
    return sets.every((_, item) => assign(item, new Set()));
  }

  /** The same for items of which some must pass a test, and any may stand anywhere. */
  #hasCounts(state: ArrayState, used: ReadonlySet<string>): boolean {
    const { min, max } = this.#plan.shape;
    const count = this.#plan.count!;
    const passed = state.passed[0]!;
    let [passing, failing] = [0, 0];
    for (const { goal, next } of this.#plan.options(this.#plan.start, this.#isPossible)) {
      const values = this.#values(goal);
      const left =
        values === undefined
          ? Number.POSITIVE_INFINITY
          : [...values].filter((value) => !used.has(value)).length;
      if (next.passed[0]! > 0) passing = left;
      else failing = left;
    }
    const needed = Math.max(0, count.min - passed);
    const most = Math.min(passing, count.max - passed);
    const [least, longest] = [min - state.index, max - state.index];
    return needed <= most && Math.max(needed, least) <= longest && most + failing >= least;
  }
}
