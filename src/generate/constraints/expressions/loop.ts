import type { ByteSet } from './byte_set.js';
import { Expression, type ExpressionMaker } from './expression.js';

/**
 * A repetition that is written as a right-linear equation: `exit`, or one more round that ends in the loop itself.
 * So intersections with what follows can stand inside a round. It has finitely many states if all intersections
 * and complements of loops are in disjunctive normal form, as `Expressions` keeps them.
 */
export class Loop extends Expression {
  readonly isNullable: boolean;
  #body: Expression;

  constructor(id: number, maker: ExpressionMaker, exit: Expression) {
    super(id, maker);
    this.#body = exit;
    this.isNullable = exit.isNullable;
  }

  /** `round`: not the empty string, and then the loop. */
  define(round: Expression): void {
    this.#body = this.maker.choice([this.#body, round]);
  }

  override get hasLoop(): boolean {
    return true;
  }

  protected findCuts(): ByteSet {
    return this.#body.cuts;
  }

  protected findDerivative(byte: number): Expression {
    return this.#body.derive(byte);
  }
}

/** An expression with loops, as a part of others: what is put behind it does not get into its loops. */
export class Closed extends Expression {
  readonly #inside: Expression;
  readonly isNullable: boolean;

  constructor(id: number, maker: ExpressionMaker, inside: Expression) {
    super(id, maker);
    this.#inside = inside;
    this.isNullable = inside.isNullable;
  }

  override get mayBeNothing(): boolean {
    return true;
  }

  override pruned(): Expression {
    return this.maker.isNothing(this.#inside) ? this.maker.nothing : this;
  }

  protected findCuts(): ByteSet {
    return this.#inside.cuts;
  }

  protected findDerivative(byte: number): Expression {
    return this.maker.closed(this.#inside.derive(byte));
  }
}
