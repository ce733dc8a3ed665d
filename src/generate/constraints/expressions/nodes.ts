import { ByteSet } from './byte_set.js';
import { Expression, type ExpressionMaker } from './expression.js';

const NO_BYTES = ByteSet.of();

/** Matches nothing, or only the empty string. */
export class Constant extends Expression {
  readonly isNullable: boolean;

  constructor(id: number, maker: ExpressionMaker, isNullable: boolean) {
    super(id, maker);
    this.isNullable = isNullable;
  }

  protected findCuts(): ByteSet {
    return NO_BYTES;
  }

  protected findDerivative(): Expression {
    return this.maker.nothing;
  }
}

/** One byte of a set. */
export class OneByte extends Expression {
  readonly isNullable = false;
  readonly #set: ByteSet;

  constructor(id: number, maker: ExpressionMaker, set: ByteSet) {
    super(id, maker);
    this.#set = set;
  }

  protected findCuts(): ByteSet {
    return this.#set.cuts();
  }

  protected findDerivative(byte: number): Expression {
    return this.#set.has(byte) ? this.maker.empty : this.maker.nothing;
  }
}

/** `head`, which is no sequence, and then `tail`. */
export class Sequence extends Expression {
  readonly head: Expression;
  readonly tail: Expression;
  readonly isNullable: boolean;
  readonly #hasLoop: boolean;

  constructor(id: number, maker: ExpressionMaker, head: Expression, tail: Expression) {
    super(id, maker);
    this.head = head;
    this.tail = tail;
    this.#hasLoop = head.hasLoop || tail.hasLoop;
    this.isNullable = head.isNullable && tail.isNullable;
  }

  override get hasLoop(): boolean {
    return this.#hasLoop;
  }

  override get mayBeNothing(): boolean {
    return this.head.mayBeNothing;
  }

  override pruned(): Expression {
    const head = this.head.pruned();
    return head === this.head ? this : this.maker.sequence(head, this.tail);
  }

  override within(bytes: number): Expression {
    return this.maker.sequence(this.head.within(bytes), this.tail.within(bytes));
  }

  override get exceptions(): readonly Uint8Array[] {
    return this.head.exceptions;
  }

  override get records(): boolean {
    return this.head.records;
  }

  /** The sequence with another head. */
  withHead(head: Expression): Expression {
    return this.maker.sequence(head, this.tail);
  }

  protected findCuts(): ByteSet {
    if (!this.head.isNullable) return this.head.cuts;
    for (const rest of this.#reached().reverse()) rest.cuts;
    return this.head.cuts.union(this.tail.cuts);
  }

  protected findDerivative(byte: number): Expression {
    const first = this.maker.sequence(this.head.derive(byte), this.tail);
    if (!this.head.isNullable) return first;
    for (const rest of this.#reached(byte).reverse()) rest.derive(byte);
    return this.maker.choice([first, this.tail.derive(byte)]);
  }

  /**
   * The rests with which the next byte may begin because all before them may be empty, up to one whose cuts or
   * derivative are known. There may be thousands: from the last to the first, they do not overflow the stack.
   */
  #reached(byte?: number): Expression[] {
    const reached: Expression[] = [];
    for (let at: Expression = this; at instanceof Sequence && at.head.isNullable; ) {
      at = at.tail;
      if (at.isKnown(byte)) break;
      reached.push(at);
    }
    return reached;
  }
}

/** The first part of a sequence; of others the expression itself. */
export function headOf(expression: Expression): Expression {
  return expression instanceof Sequence ? expression.head : expression;
}

/** One of several expressions. */
export class Choice extends Expression {
  readonly alternatives: readonly Expression[];
  readonly isNullable: boolean;
  readonly #mayBeNothing: boolean;
  readonly #hasLoop: boolean;

  constructor(id: number, maker: ExpressionMaker, alternatives: readonly Expression[]) {
    super(id, maker);
    this.alternatives = alternatives;
    this.isNullable = alternatives.some((each) => each.isNullable);
    this.#mayBeNothing = alternatives.some((each) => each.mayBeNothing);
    this.#hasLoop = alternatives.some((each) => each.hasLoop);
  }

  override get records(): boolean {
    return this.alternatives.some((each) => each.records);
  }

  override get hasLoop(): boolean {
    return this.#hasLoop;
  }

  override get mayBeNothing(): boolean {
    return this.#mayBeNothing;
  }

  override pruned(): Expression {
    return this.maker.choice(this.alternatives.map((each) => each.pruned()));
  }

  protected findCuts(): ByteSet {
    return this.alternatives.reduce((cuts, each) => cuts.union(each.cuts), NO_BYTES);
  }

  protected findDerivative(byte: number): Expression {
    return this.maker.choice(this.alternatives.map((each) => each.derive(byte)));
  }
}

/** Strings that all parts match. */
export class Both extends Expression {
  readonly isNullable: boolean;
  readonly parts: readonly Expression[];
  readonly #hasLoop: boolean;

  constructor(id: number, maker: ExpressionMaker, parts: readonly Expression[]) {
    super(id, maker);
    this.parts = parts;
    this.isNullable = parts.every((part) => part.isNullable);
    this.#hasLoop = parts.some((part) => part.hasLoop);
  }

  override get hasLoop(): boolean {
    return this.#hasLoop;
  }

  override get mayBeNothing(): boolean {
    return true;
  }

  override pruned(): Expression {
    return this.maker.isNothing(this) ? this.maker.nothing : this;
  }

  protected findCuts(): ByteSet {
    return this.parts.reduce((cuts, part) => cuts.union(part.cuts), NO_BYTES);
  }

  protected findDerivative(byte: number): Expression {
    return this.maker.both(this.parts.map((part) => part.derive(byte)));
  }
}

/** All byte strings that another expression does not match. */
export class Not extends Expression {
  readonly isNullable: boolean;
  readonly excluded: Expression;

  constructor(id: number, maker: ExpressionMaker, excluded: Expression) {
    super(id, maker);
    this.excluded = excluded;
    this.isNullable = !excluded.isNullable;
  }

  override get hasLoop(): boolean {
    return this.excluded.hasLoop;
  }

  override get mayBeNothing(): boolean {
    return true;
  }

  override pruned(): Expression {
    return this.maker.isNothing(this) ? this.maker.nothing : this;
  }

  protected findCuts(): ByteSet {
    return this.excluded.cuts;
  }

  protected findDerivative(byte: number): Expression {
    return this.maker.not(this.excluded.derive(byte));
  }
}

/** `min` to `max` times the same expression, which does not match the empty string. */
export class Repeat extends Expression {
  readonly part: Expression;
  readonly min: number;
  readonly max: number;
  readonly isNullable: boolean;

  constructor(id: number, maker: ExpressionMaker, part: Expression, min: number, max: number) {
    super(id, maker);
    this.part = part;
    this.min = min;
    this.max = max;
    this.isNullable = min === 0;
  }

  override within(bytes: number): Expression {
    const { maker, part, min, max } = this;
    return maker.repeat(part, Math.min(min, bytes), max >= bytes ? Number.POSITIVE_INFINITY : max);
  }

  protected findCuts(): ByteSet {
    return this.part.cuts;
  }

  protected findDerivative(byte: number): Expression {
    const { maker, part, min, max } = this;
    return maker.sequence(part.derive(byte), maker.repeat(part, Math.max(0, min - 1), max - 1));
  }
}

/** A named part of a grammar, whose expression is made when it is first needed, so that it can contain itself. */
export class Rule extends Expression {
  readonly isNullable: boolean;
  readonly #make: () => Expression;
  #body: Expression | undefined;

  constructor(id: number, maker: ExpressionMaker, isNullable: boolean, make: () => Expression) {
    super(id, maker);
    this.isNullable = isNullable;
    this.#make = make;
  }

  get body(): Expression {
    this.#body ??= this.#make();
    return this.#body;
  }

  protected findCuts(): ByteSet {
    return this.body.cuts;
  }

  protected findDerivative(byte: number): Expression {
    return this.body.derive(byte);
  }
}
