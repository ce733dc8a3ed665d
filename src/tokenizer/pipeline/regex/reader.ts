import { TextCursor } from '../../../base/text_cursor.js';
import { type CharacterSet, namedSet } from './properties.js';

/** Escapes of single characters. */
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', a: '\x07', e: '\x1b' },
};

/** Reads a regular expression from left to right. */
export class Reader extends TextCursor {
  /** Reads past the next `end`, or to the end. */
  until(end: string): void {
    const at = this.text.indexOf(end, this.at);
    this.at = at === -1 ? this.text.length : at + end.length;
  }

  character(): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    this.at += character.length;
    return character;
  }

  /** Reads a property such as \p{L}, \P{L} and \p{^L}. */
  property(): { name: string; isNegated: boolean } | undefined {
    const found = this.match(/\\([pP])\{(\^?)([^{}]*)\}/y);
    return found && { name: found[3]!, isNegated: (found[1] === 'P') !== (found[2] === '^') };
  }

  /** Reads one of \w, \s, \d, \h and their negations. */
  shorthand(): CharacterSet | undefined {
    const found = this.match(/\\([wsdhWSDH])/y);
    if (found === undefined) return undefined;
    const name = { w: 'word', s: 'space', d: 'digit', h: 'xdigit' }[found[1]!.toLowerCase()]!;
    return { members: namedSet(name)!.members, isNegated: /[A-Z]/.test(found[1]!) };
  }

  /** Reads the code of a character: \t, \x41, \x{1F600}, \u0041 or \012. */
  code(): string | undefined {
    const found = this.match(
      /\\(?:([tnrfvae])|x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/y,
    );
    if (found === undefined) return undefined;
    const [, letter, braced, short, four, octal] = found;
    if (letter !== undefined) return CONTROLS[letter]!;
    const hex = braced ?? short ?? four;
    const code = hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16);
    return code > 0x10ffff ? undefined : String.fromCodePoint(code);
  }
}
