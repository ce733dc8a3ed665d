import { utf8Text } from '../../../../base/utf8_text.js';
import { ByteSet } from '../../expressions/byte_set.js';
import { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';

const ALL_BYTES = ByteSet.of([0, 255]);

/** The bytes of a part so far, last first. */
interface Bytes {
  readonly before: Bytes | undefined;
  readonly last: number;
}

/** What follows a text that was recorded. */
export interface After {
  /** The same text for equal objects. */
  readonly key: string;
  /** What follows the text; `nothing` if this text must not stand there. */
  readonly of: (text: string) => Expression;
  /** Whether some way from a state of the part, after `bytes`, ends in a text that may stand there. Default: all do. */
  readonly isOpen?: (part: Expression, bytes: readonly number[]) => boolean;
  /** Texts along which the part may have no way on although `shared` has one. */
  readonly exceptions?: () => readonly Uint8Array[];
}

/**
 * A part of a text, and then an expression that depends on what the part was, as the key of a property does, because
 * it may not come again.
 */
export class Recorded extends Expression {
  /** The text goes on after the part: a quote or a bracket must follow. */
  readonly isNullable = false;
  readonly part: Expression;
  readonly #shared: Expression | undefined;
  readonly #make: Expressions;
  readonly #bytes: Bytes | undefined;
  readonly #after: After;

  constructor(
    id: number,
    make: Expressions,
    part: Expression,
    shared: Expression | undefined,
    bytes: Bytes | undefined,
    after: After,
  ) {
    super(id, make);
    this.#make = make;
    this.part = part;
    this.#shared = shared;
    this.#bytes = bytes;
    this.#after = after;
  }

  /** Each byte makes another text. */
  findCuts(): ByteSet {
    return ALL_BYTES;
  }

  override get recorded(): Expression | undefined {
    return this.#shared;
  }

  override get exceptions(): readonly Uint8Array[] {
    const bytes = listOf(this.#bytes);
    return (this.#after.exceptions?.() ?? [])
      .filter((text) => bytes.every((byte, i) => text[i] === byte))
      .map((text) => text.subarray(bytes.length));
  }

  findDerivative(byte: number): Expression {
    const inside = this.#stepped(byte);
    return this.part.isNullable ? this.#make.choice([inside, this.#end(this.#bytes).step(byte)]) : inside;
  }

  #stepped(byte: number): Expression {
    const part = this.part.step(byte);
    const bytes = { before: this.#bytes, last: byte };
    if (part === this.#make.empty) return this.#end(bytes);
    // Not the bytes and the key of what follows: both may be long, and there is a state for each byte.
    const key = `recorded ${part.id} ${this.id} ${byte}`;
    return recordedAs(key, this.#make, part, this.#shared?.step(byte), bytes, this.#after);
  }

  #end(bytes: Bytes | undefined): Expression {
    return this.#after.of(utf8Text(Uint8Array.from(listOf(bytes)))!);
  }
}

/**
 * `part`, which is not empty, and then `after`. `shared`: an expression that reads the part as well, if one is used
 * in many places, and if the part can end only where nothing but its end is possible.
 */
export function recorded(
  make: Expressions,
  part: Expression,
  shared: Expression | undefined,
  after: After,
): Expression {
  return recordedAs(`recorded ${part.id} ${after.key}`, make, part, shared, undefined, after);
}

function recordedAs(
  key: string,
  make: Expressions,
  part: Expression,
  shared: Expression | undefined,
  bytes: Bytes | undefined,
  after: After,
): Expression {
  if (part === make.nothing) return part;
  return make.intern(key, (id) =>
    after.isOpen?.(part, listOf(bytes)) === false
      ? make.nothing
      : new Recorded(id, make, part, shared, bytes, after),
  );
}

function listOf(bytes: Bytes | undefined): number[] {
  const list: number[] = [];
  for (let at = bytes; at !== undefined; at = at.before) list.push(at.last);
  return list.reverse();
}
