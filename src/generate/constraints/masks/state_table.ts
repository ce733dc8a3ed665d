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
  readonly #loops: (number | undefined)[] = [];

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

  /** Bit byte / 8 is 1 if a state stays the same after each of these eight bytes. */
  loops(state: number): number {
    let loops = this.#loops[state];
    if (loops === undefined) {
      loops = 0xffffffff;
      for (let byte = 0; byte < 256; byte++) {
        const known = this.next[256 * state + byte]!;
        if ((known < DEAD ? this.step(state, byte) : known) !== state) loops &= ~(1 << (byte >>> 3));
      }
      this.#loops[state] = loops;
    }
    return loops;
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
