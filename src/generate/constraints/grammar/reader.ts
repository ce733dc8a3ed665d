import { TextCursor } from '../../../base/text_cursor.js';
import { refuse } from './grammar.js';

const NAME = /[a-zA-Z0-9_-]+/y;
const INTEGER = /[0-9]+/y;
/** Spaces and comments, without and with line breaks. */
const SPACE = /(?:[ \t]|#[^\r\n]*)*/y;
const SPACE_AND_LINES = /(?:[ \t\r\n]|#[^\r\n]*)*/y;
/** Hexadecimal digits by the letter of their escape. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const ESCAPES: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };
/** Characters that an escape stands for themselves. */
const ESCAPED = '\\"[]-';

/** Reads a grammar's text from a position on. */
export class Reader extends TextCursor {
  expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(JSON.stringify(text));
  }

  /** The error for something other than `wanted`. */
  unexpected(wanted: string): Error {
    const found = this.isAtEnd
      ? 'the end'
      : JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at)!));
    return refuse(this.text, this.at, `${found} stands where ${wanted} is expected`);
  }

  /** Skips spaces and comments, and line breaks too if `withLines`. */
  skipSpace(withLines: boolean): void {
    this.match(withLines ? SPACE_AND_LINES : SPACE);
  }

  /** A rule's name, or undefined if none comes next. */
  name(): string | undefined {
    return this.match(NAME)?.[0];
  }

  integer(): number | undefined {
    const digits = this.match(INTEGER)?.[0];
    return digits === undefined ? undefined : Number(digits);
  }

  /** A line break, which ends a rule. */
  takeLineEnd(): boolean {
    return this.take('\r\n') || this.take('\r') || this.take('\n');
  }

  /** The code point of a character or an escape. */
  character(): number {
    const at = this.at;
    if (this.isAtEnd) throw this.unexpected('a character');
    if (this.take('\\')) return this.#escape(at);
    const character = this.text.codePointAt(this.at)!;
    this.at += character > 0xffff ? 2 : 1;
    return character;
  }

  #escape(at: number): number {
    const letter = this.text[this.at++] ?? '';
    if (letter !== '' && ESCAPED.includes(letter)) return letter.codePointAt(0)!;
    const escaped = ESCAPES[letter];
    if (escaped !== undefined) return escaped.codePointAt(0)!;
    const count = HEX_DIGITS[letter];
    if (count === undefined) throw refuse(this.text, at, `\\${letter} is no escape`);
    const digits = this.text.slice(this.at, this.at + count);
    if (digits.length < count || /[^0-9a-fA-F]/.test(digits)) {
      throw refuse(this.text, at, `\\${letter} needs ${count} hexadecimal digits`);
    }
    this.at += count;
    const value = Number.parseInt(digits, 16);
    if (value > 0x10ffff) throw refuse(this.text, at, `\\${letter}${digits} is beyond Unicode`);
    return value;
  }
}
