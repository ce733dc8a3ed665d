import { ByteSet } from '../../expressions/byte_set.js';
import { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bytes that stand for themselves between quotes, apart from the quote and the backslash, begin here. */
const FIRST_PLAIN = 0x20;
const CUTS = ByteSet.of([FIRST_PLAIN, FIRST_PLAIN], [QUOTE, QUOTE + 1], [BACKSLASH, BACKSLASH + 1]);
const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13, '"': QUOTE, '\\': BACKSLASH }).map(([letter, byte]) => [
    byte,
    letter,
  ]),
);

/** The bytes that are never written as they are. */
const ESCAPED: readonly number[] = [
  ...Array.from({ length: FIRST_PLAIN }, (_, byte) => byte),
  QUOTE,
  BACKSLASH,
];

/** The escapes of some bytes without the backslash. */
function escapes(make: Expressions, bytes: readonly number[]): Expression {
  return make.intern(`escapes ${bytes}`, () =>
    make.choice(
      bytes.map((byte) => make.literal(SHORT_ESCAPES.get(byte) ?? `u${byte.toString(16).padStart(4, '0')}`)),
    ),
  );
}

/** Cuts of languages with those of the encoding. */
const encodedCuts = new WeakMap<ByteSet, ByteSet>();

/**
 * The texts of a language as JSON writes them between quotes, with the escapes that JSON.stringify uses.
 * `isFree`: any escape, for the language of all texts. The node is the same for the same rest of the language, so that
 * what was found out about it is of use in all places.
 */
export class Encoded extends Expression {
  readonly isNullable: boolean;
  /** What remains of the decoded texts. */
  readonly language: Expression;
  readonly #isFree: boolean;
  readonly #make: Expressions;

  constructor(id: number, make: Expressions, language: Expression, isFree: boolean) {
    super(id, make);
    this.#make = make;
    this.language = language;
    this.#isFree = isFree;
    this.isNullable = language.isNullable;
  }

  override within(bytes: number): Expression {
    return encoded(this.#make, this.language.within(bytes), this.#isFree);
  }

  findCuts(): ByteSet {
    const { cuts } = this.language;
    const known = encodedCuts.get(cuts) ?? cuts.union(CUTS);
    encodedCuts.set(cuts, known);
    return known;
  }

  findDerivative(byte: number): Expression {
    if (byte < FIRST_PLAIN || byte === QUOTE) return this.maker.nothing;
    if (byte === BACKSLASH) return this.#isFree ? this.#anyEscape() : this.#escape();
    return this.#after(byte);
  }

  #after(byte: number): Expression {
    return encoded(this.#make, this.language.step(byte), this.#isFree);
  }

  /** What may follow the backslash. */
  #escape(): Expression {
    const make = this.#make;
    const bytesAfter = new Map<Expression, number[]>();
    for (const byte of ESCAPED) {
      const after = this.language.step(byte);
      const bytes = bytesAfter.get(after) ?? [];
      bytes.push(byte);
      bytesAfter.set(after, bytes);
    }
    bytesAfter.delete(make.nothing);
    return make.choice(
      [...bytesAfter].map(([after, bytes]) => make.sequence(escapes(make, bytes), encoded(make, after))),
    );
  }

  #anyEscape(): Expression {
    const make = this.#make;
    const digit = (...ranges: string[]) =>
      make.oneOf(
        ...ranges.map((range) => [range.charCodeAt(0), range.charCodeAt(range.length - 1)] as const),
      );
    const hex = digit('09', 'AF', 'af');
    const d = digit('DD', 'dd');
    const notD = digit('09', 'AC', 'ac', 'EF', 'ef');
    const u = make.literal('u');
    const high = make.sequence(u, d, digit('89', 'AB', 'ab'), hex, hex);
    const low = make.sequence(u, d, digit('CF', 'cf'), hex, hex);
    const others = make.choice([
      make.sequence(u, notD, hex, hex, hex),
      make.sequence(u, d, digit('07'), hex, hex),
      make.sequence(high, make.literal('\\'), low),
      ...['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map((letter) => make.literal(letter)),
    ]);
    return make.sequence(others, this);
  }
}

/** `language`: pruned. */
export function encoded(make: Expressions, language: Expression, isFree = false): Expression {
  if (language === make.nothing || language === make.empty) return language;
  return make.intern(`encoded ${language.id} ${isFree}`, (id) => new Encoded(id, make, language, isFree));
}
