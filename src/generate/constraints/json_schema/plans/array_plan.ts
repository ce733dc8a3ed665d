import type { Context } from '../claims/context.js';
import type { Goal } from '../claims/goals.js';
import { refused } from '../refuse.js';
import { type ArrayShape, type Count, countKey } from '../shapes/array_shape.js';

/** How far an array is: items so far, and how many of them passed each test, up to where more make no difference. */
export interface ArrayState {
  readonly index: number;
  readonly passed: readonly number[];
}

/** An item that may come next. */
export interface ItemOption {
  readonly goal: Goal;
  readonly next: ArrayState;
}

/** Most tests that are counted at the same time: an item passes any set of them. */
const MOST_COUNTS = 6;
/** Most items that are counted: an array has a state for each index and each count. */
const MOST_COUNTED = 1000;
/** Most items that must exist and differ. */
const MOST_DISTINCT = 256;
/** Most states of an array that are looked at. */
const MOST_STATES = 100_000;

/** The ways to write an array of a shape. */
export class ArrayPlan {
  readonly shape: ArrayShape;
  /** Whether all items must differ. */
  readonly isDistinct: boolean;
  readonly #at: string;
  readonly #goals: Context['goals'];
  readonly #prefix: readonly Goal[];
  readonly #rest: Goal;
  readonly #counts: readonly Count[];
  /** Items from this index on have the same options. */
  readonly #uniformFrom: number;
  /** Indexes are not told apart from here on. */
  readonly #lastIndex: number;

  /** `at`: the place of the schema in messages. */
  constructor(context: Context, shape: ArrayShape, at: string) {
    this.#at = at;
    this.shape = shape;
    this.#goals = context.goals;
    const { prefix, rest, counts } = this.#folded(shape);
    this.#prefix = prefix;
    this.#rest = rest;
    this.#counts = counts;
    this.isDistinct = shape.unique !== undefined && shape.max > 1;
    if (this.isDistinct) this.#checkDistinct(shape);
    if (counts.length > MOST_COUNTS) {
      throw refused(
        at,
        `counts the items of an array by more than ${MOST_COUNTS} tests at a time; use fewer contains`,
      );
    }
    this.#uniformFrom = Math.max(prefix.length, ...counts.map(({ from }) => from));
    const last = shape.max === Number.POSITIVE_INFINITY ? shape.min : shape.max;
    this.#lastIndex = Math.max(this.#uniformFrom, last);
    const counted = [
      last,
      ...counts.map(({ min, max }) => (max === Number.POSITIVE_INFINITY ? min : max + 1)),
    ];
    if (counts.length > 0 && Math.max(...counted) > MOST_COUNTED) {
      throw refused(
        at,
        `counts more than ${MOST_COUNTED} items of an array for contains; use smaller numbers`,
      );
    }
  }

  #checkDistinct({ unique, min }: ArrayShape): void {
    const { at, isWanted } = unique!;
    if (!isWanted)
      throw refused(at, 'is not supported where it must fail, as in "not" and "oneOf"; leave it out there');
    const [count, ...more] = this.#counts;
    if (more.length > 0 || (count !== undefined && (this.#prefix.length > 0 || count.from > 0))) {
      throw refused(at, 'is not supported beside several contains, or beside contains and prefixItems');
    }
    if (min > MOST_DISTINCT)
      throw refused(at, `is not supported for more than ${MOST_DISTINCT} items; use a smaller minItems`);
  }

  get start(): ArrayState {
    return { index: 0, passed: this.#counts.map(() => 0) };
  }

  /** All goals that an item may have to meet. */
  *goals(): Generator<Goal> {
    for (let index = 0; index <= Math.min(this.#uniformFrom, this.shape.max - 1); index++) {
      for (const [goal] of this.#variants(index)) yield goal;
    }
  }

  /** The only test that is counted, if there is one. */
  get count(): Count | undefined {
    return this.#counts[0];
  }

  mayEnd({ index, passed }: ArrayState): boolean {
    return index >= this.shape.min && this.#counts.every(({ min }, i) => passed[i]! >= min);
  }

  /** The items that may come next, if goals can be met as `isPossible` says. */
  options(state: ArrayState, isPossible: (goal: Goal) => boolean): ItemOption[] {
    if (this.shape.max !== Number.POSITIVE_INFINITY && state.index >= this.shape.max) return [];
    const options: ItemOption[] = [];
    for (const [goal, set] of this.#variants(state.index)) {
      const next = this.#after(state, set);
      if (next !== undefined && isPossible(goal)) options.push({ goal, next });
    }
    return options;
  }

  /** Decides from which states an array can be finished. */
  finishable(isPossible: (goal: Goal) => boolean): (state: ArrayState) => boolean {
    if (this.#counts.length === 0) {
      const blocked = this.#prefix.findIndex((goal) => !isPossible(goal));
      const longest = blocked >= 0 ? blocked : isPossible(this.#rest) ? this.shape.max : this.#prefix.length;
      const most = Math.min(longest, this.shape.max);
      return ({ index }) => this.shape.min <= most && index <= most;
    }
    const known = new Map<string, boolean>();
    const decide = (state: ArrayState): boolean => {
      const key = stateKey(state);
      const answer = known.get(key);
      if (answer !== undefined) return answer;
      if (known.size > MOST_STATES) {
        throw refused(
          this.#at,
          `an array has more than ${MOST_STATES} states for contains; use smaller numbers`,
        );
      }
      // A way back to the same state leads nowhere.
      known.set(key, false);
      const isFinishable =
        this.mayEnd(state) || this.options(state, isPossible).some(({ next }) => decide(next));
      known.set(key, isFinishable);
      return isFinishable;
    };
    return decide;
  }

  /** Counts of none become goals of the items. */
  #folded({ prefix, rest, counts }: ArrayShape): Pick<ArrayShape, 'prefix' | 'rest' | 'counts'> {
    const both = (a: Goal, b: Goal) => this.#goals.both(a, b);
    let goals = [...prefix];
    let after = rest;
    const open = new Map<string, Count>();
    for (const count of counts) {
      const { test, from, min, max } = count;
      if (max === 0) {
        while (goals.length < from) goals.push(rest);
        goals = goals.map((goal, i) => (i < from ? goal : both(goal, test.no)));
        after = both(after, test.no);
      } else if (min > 0 || max < Number.POSITIVE_INFINITY) open.set(countKey(count), count);
    }
    return { prefix: goals, rest: after, counts: [...open.values()] };
  }

  /** By the tests that an item passes, as bits: the goal it has to meet. */
  *#variants(index: number): Generator<[Goal, number]> {
    const base = this.#prefix[index] ?? this.#rest;
    // Those that count most come first, so that an end is found soon.
    for (let set = 2 ** this.#counts.length - 1; set >= 0; set--) {
      let goal: Goal | undefined = base;
      for (const [i, { test, from, max }] of this.#counts.entries()) {
        const isPassed = ((set >> i) & 1) === 1;
        if (isPassed && index < from) goal = undefined;
        else if (goal !== undefined && isPassed) goal = this.#goals.both(goal, test.yes);
        else if (goal !== undefined && (this.isDistinct || max < Number.POSITIVE_INFINITY) && index >= from) {
          goal = this.#goals.both(goal, test.no);
        }
      }
      if (goal !== undefined && goal !== this.#goals.never) yield [goal, set];
    }
  }

  #after({ index, passed }: ArrayState, set: number): ArrayState | undefined {
    const next: number[] = [];
    for (const [i, { min, max }] of this.#counts.entries()) {
      const count = passed[i]! + ((set >> i) & 1);
      if (count > max) return undefined;
      next.push(max === Number.POSITIVE_INFINITY ? Math.min(count, min) : count);
    }
    return { index: Math.min(index + 1, this.#lastIndex), passed: next };
  }
}

export function stateKey({ index, passed }: ArrayState): string {
  return `${index}:${passed}`;
}
