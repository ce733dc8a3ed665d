import type { ByteSet } from './byte_set.js';
import type { Partition } from './partition.js';

/** Makes expressions. Equal parts give the same object, so that states can be compared and remembered. */
export interface ExpressionMaker {
  /** The expression that matches nothing at all. */
  readonly nothing: Expression;
  /** The expression that matches only the empty string. */
  readonly empty: Expression;
  sequence(...parts: readonly Expression[]): Expression;
  choice(alternatives: readonly Expression[]): Expression;
  both(parts: readonly Expression[]): Expression;
  not(excluded: Expression): Expression;
  repeat(part: Expression, min: number, max?: number): Expression;
  closed(inside: Expression): Expression;
  /** The only expression with this key; `make` creates it the first time. */
  intern(key: string, make: (id: number) => Expression): Expression;
  partition(cuts: ByteSet): Partition;
  /** Whether an expression without rules matches no string. */
  isNothing(expression: Expression): boolean;
}

/**
 * A set of byte strings, and at the same time a state of the automaton that recognizes it: what remains to be
 * matched after some bytes is their derivative, another expression (Brzozowski 1964). Expressions are immutable.
 */
export abstract class Expression {
  /** Differs for each expression of a maker. */
  readonly id: number;
  protected readonly maker: ExpressionMaker;
  #cuts: ByteSet | undefined;
  #partition: Partition | undefined;
  /** By class of the partition: the derivative by its bytes, and the state after them, once they were asked for. */
  #derivatives: (Expression | undefined)[] = [];
  #steps: (Expression | undefined)[] = [];

  constructor(id: number, maker: ExpressionMaker) {
    this.id = id;
    this.maker = maker;
  }

  /** Whether the empty string is matched: the text may end here. */
  abstract readonly isNullable: boolean;
  /** `cuts`, computed. */
  protected abstract findCuts(): ByteSet;
  /** `derive`, computed. */
  protected abstract findDerivative(byte: number): Expression;

  /** Whether it may match nothing without being `nothing`: it begins with an intersection or a complement. */
  get mayBeNothing(): boolean {
    return false;
  }

  /** Whether a loop is a part of it, outside of `Closed`. */
  get hasLoop(): boolean {
    return false;
  }

  /** The expression that matches nothing. */
  get nothing(): Expression {
    return this.maker.nothing;
  }

  /** This expression or one of some others. */
  or(others: readonly Expression[]): Expression {
    return this.maker.choice([this, ...others]);
  }

  /** Whether it is the one that matches nothing. */
  get isNothing(): boolean {
    return this === this.maker.nothing;
  }

  /**
   * An expression that reads the next `bytes` bytes in the same way, if possible one that more states share: large
   * numbers of repetitions do not matter yet.
   */
  within(_bytes: number): Expression {
    return this;
  }

  /**
   * For a state that records what it reads, so that each text makes another one: an expression that has the same
   * way with all texts until it is nullable, but for those along `exceptions`.
   */
  get recorded(): Expression | undefined {
    return undefined;
  }

  /** Whether it begins with a recording state. */
  get records(): boolean {
    return this.recorded !== undefined;
  }

  /** Bytes along which a recording state may have no way on although `recorded` has one. */
  get exceptions(): readonly Uint8Array[] {
    return [];
  }

  /** This expression without parts that match nothing. */
  pruned(): Expression {
    return this;
  }

  /** The bytes at which the effect of the next byte may change. */
  get cuts(): ByteSet {
    this.#cuts ??= this.findCuts();
    return this.#cuts;
  }

  get partition(): Partition {
    this.#partition ??= this.maker.partition(this.cuts);
    return this.#partition;
  }

  /** The rests of all matched strings that begin with `byte`. */
  derive(byte: number): Expression {
    const group = this.partition.classOf[byte]!;
    this.#derivatives[group] ??= this.findDerivative(byte);
    return this.#derivatives[group];
  }

  /** Whether the cuts, or the derivative by a byte, are known already. */
  isKnown(byte?: number): boolean {
    if (byte === undefined || this.#cuts === undefined) return this.#cuts !== undefined;
    return this.#derivatives[this.partition.classOf[byte]!] !== undefined;
  }

  /** The state after a byte; `nothing` if no matched string begins with it. */
  step(byte: number): Expression {
    const group = this.partition.classOf[byte]!;
    return this.#steps[group] ?? this.#firstStep(group, byte);
  }

  /** The state after some bytes. */
  after(bytes: Uint8Array): Expression {
    return bytes.reduce<Expression>((state, byte) => state.step(byte), this);
  }

  /** Forgets the states after this one; they are made again when they are needed. */
  forgetSteps(): void {
    this.#derivatives = [];
    this.#steps = [];
  }

  #firstStep(group: number, byte: number): Expression {
    const next = this.derive(byte);
    const step = next.mayBeNothing ? next.pruned() : next;
    this.#steps[group] = step;
    return step;
  }
}
