import type { Expression } from '../expressions/expression.js';

/** The state that matches nothing. */
export const DEAD = 0;
const UNKNOWN = -1;

/**
 * States of an automaton as numbers, and the steps between them in one array, filled as they are needed: a walk of
 * the whole vocabulary takes a hundred thousand steps between a few states.
 */
export class StateTable {
  readonly #states: Expression[] = [];
  readonly #numbers = new Map<Expression, number>();
  /** next[256 * state + byte]: the state after a byte. */
  next = new Int32Array(256 * 64).fill(UNKNOWN);
  /** By state: 1 if it is nullable. */
  nullable = new Uint8Array(64);
  /** By state: groups of bytes after which it is known to stay the same, and to be another. */
  readonly #loops: number[] = [];
  readonly #leaves: number[] = [];

  constructor(nothing: Expression) {
    this.number(nothing);
  }

  get size(): number {
    return this.#states.length;
  }

  number(state: Expression): number {
    let number = this.#numbers.get(state);
    if (number === undefined) {
      number = this.#states.push(state) - 1;
      this.#numbers.set(state, number);
      this.#loops.push(0);
      this.#leaves.push(0);
      if (number === this.nullable.length) this.#grow();
      this.nullable[number] = state.isNullable ? 1 : 0;
    }
    return number;
  }

  /** The state after a byte, for which `next` has no entry of 0 or more yet. `next` and `nullable` may be replaced. */
  step(state: number, byte: number): number {
    const after = this.number(this.#states[state]!.step(byte));
    this.next[256 * state + byte] = after;
    return after;
  }

  /** Whether a state stays the same after each byte of some groups: bit byte / 8 of `groups` stands for eight bytes. */
  stays(state: number, groups: number): boolean {
    let unknown = groups & ~this.#loops[state]!;
    if ((groups & this.#leaves[state]!) !== 0) return false;
    for (; unknown !== 0; unknown &= unknown - 1) {
      const group = unknown & -unknown;
      if (!this.#staysInGroup(state, 8 * (31 - Math.clz32(group)))) {
        this.#leaves[state]! |= group;
        return false;
      }
      this.#loops[state]! |= group;
    }
    return true;
  }

  #staysInGroup(state: number, first: number): boolean {
    for (let byte = first; byte < first + 8; byte++) {
      const known = this.next[256 * state + byte]!;
      if ((known < DEAD ? this.step(state, byte) : known) !== state) return false;
    }
    return true;
  }

  #grow(): void {
    const next = new Int32Array(2 * this.next.length).fill(UNKNOWN);
    next.set(this.next);
    this.next = next;
    const nullable = new Uint8Array(2 * this.nullable.length);
    nullable.set(this.nullable);
    this.nullable = nullable;
  }
}
