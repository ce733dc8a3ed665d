import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import { quote } from '../../token_table.js';
import type { Part } from '../part.js';
import { translate } from './translate.js';

/** Finds the matches of a text or of a regular expression. */
export class Pattern {
  readonly #regex: RegExp;
  readonly #where: string;

  constructor(regex: RegExp, where: string) {
    this.#regex = regex;
    this.#where = where;
  }

  /**
   * The matches from left to right: the start and end of the first, of the second, and so on. An empty match right after
   * another does not count, as in Oniguruma.
   */
  find(text: string): number[] {
    const regex = this.#regex;
    const found: number[] = [];
    regex.lastIndex = 0;
    try {
      for (let last = -1; ; ) {
        const match = regex.exec(text);
        if (match === null) return found;
        const end = match.index + match[0].length;
        // An empty match may be found between the halves of a character.
        if (isInside(text, match.index)) {
          regex.lastIndex = match.index + 1;
          continue;
        }
        if (match[0] === '' && end === last) {
          if (end >= text.length) return found;
          regex.lastIndex = end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
          continue;
        }
        found.push(match.index, end);
        last = end;
        regex.lastIndex = end;
      }
    } catch (cause) {
      // The engine's stack has an end, which only a match of millions of characters reaches.
      throw new Gpt2Error(
        'invalid-option',
        `${this.#where}: the text is too long for its regular expression`,
        {
          cause,
        },
      );
    }
  }
}

/** Whether a place in a text is inside a surrogate pair. */
function isInside(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/** The pattern of single characters: the members of a class of JavaScript. */
export const classPattern = (members: string) => new Pattern(new RegExp(`[${members}]`, 'gu'), members);

/** The pattern of a text. */
export const textPattern = (text: string) =>
  new Pattern(
    new RegExp([...text].map((character) => `\\u{${character.codePointAt(0)!.toString(16)}}`).join(''), 'gu'),
    quote(text),
  );

/** The field `pattern` of a part: `{ String }` or `{ Regex }`; undefined for the empty text, which matches nothing. */
export function patternOf(part: Part): Pattern | undefined {
  const { pattern } = part.json;
  if (isJsonObject(pattern)) {
    if (typeof pattern.Regex === 'string') return regexPattern(pattern.Regex, part);
    if (typeof pattern.String === 'string') {
      part.checkShort('pattern', pattern.String);
      return pattern.String === '' ? undefined : textPattern(pattern.String);
    }
  }
  throw part.invalid('its pattern is neither { String } nor { Regex }');
}

/** The pattern of a regular expression of Oniguruma. Throws `unsupported`. */
export function regexPattern(regex: string, { where, budget }: Pick<Part, 'where' | 'budget'>): Pattern {
  const { source, flags, classes } = translate(regex, where, budget.classes);
  budget.classes -= classes;
  return new Pattern(new RegExp(source, flags), where);
}
