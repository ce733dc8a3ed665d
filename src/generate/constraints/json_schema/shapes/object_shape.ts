import type { Goal, Goals } from '../claims/goals.js';
import { type KeySet, keySetKey, named } from './key_set.js';

/** A goal of properties with certain names. */
export interface Properties {
  readonly keys: KeySet;
  readonly goal: Goal;
}

export interface ObjectShape {
  /** Every property with such a name meets the goal. */
  readonly every: readonly Properties[];
  /** There is a property with such a name that meets the goal. */
  readonly some: readonly Properties[];
  readonly min: number;
  readonly max: number;
  /** Names whose properties were evaluated; undefined if all were. */
  readonly evaluated: KeySet | undefined;
}

export const NOTHING_EVALUATED: KeySet = named();

/** The shape of all objects. */
export const EVERYTHING: ObjectShape = {
  every: [],
  some: [],
  min: 0,
  max: Number.POSITIVE_INFINITY,
  evaluated: NOTHING_EVALUATED,
};

export function everyProperty(keys: KeySet, goal: Goal, evaluated: KeySet | undefined): ObjectShape {
  return { ...EVERYTHING, every: [{ keys, goal }], evaluated };
}

export function someProperty(keys: KeySet, goal: Goal): ObjectShape {
  return { ...EVERYTHING, some: [{ keys, goal }], min: 1 };
}

/** Goals of the same names as one. */
export function joined(goals: Goals, all: readonly Properties[]): readonly Properties[] {
  const byKeys = new Map<string, Properties>();
  for (const { keys, goal } of all) {
    const key = keySetKey(keys);
    byKeys.set(key, { keys, goal: goals.both(byKeys.get(key)?.goal ?? goals.always, goal) });
  }
  return [...byKeys.values()];
}
