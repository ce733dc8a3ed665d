import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { Gpt2Error } from '../../../base/errors.js';

/** Longest pattern, in UTF-16 units: without this limit, a text of megabytes would be parsed for seconds. */
const MOST_UNITS = 100_000;
/** Deepest nesting of groups: deeper ones would overflow the stacks of the parser and the compiler. */
const MOST_GROUPS = 200;
/**
 * Most groups that share a name, which only one of them may match, and the deepest that these are nested: the parser looks
 * whether they are in different alternatives in quadratic and in exponential time.
 */
const MOST_OF_A_NAME = 200;
const DEEPEST_OF_A_NAME = 6;
const NAME = /\(\?<([^=!>][^>]*)>/y;
/** How much of a long pattern an error shows. */
const SHOWN_UNITS = 80;

/** The syntax tree of a pattern with the flag `u`. Throws `invalid-option` for syntax errors and beyond the limits. */
export function parseRegex(pattern: string): AST.Pattern {
  if (pattern.length > MOST_UNITS) {
    throw new Gpt2Error(
      'invalid-option',
      `a regular expression has ${pattern.length} characters, which is more than ${MOST_UNITS}; shorten it`,
    );
  }
  checkGroups(pattern);
  try {
    return new RegExpParser({ strict: true }).parsePattern(pattern, 0, pattern.length, { unicode: true });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { index } = error as SyntaxError & { index: number };
    // The parser puts the whole pattern before its reason.
    const start = `Invalid regular expression: /${pattern}/u: `;
    throw refuse(pattern, index, error.message.replace(start, ''), { cause: error });
  }
}

/** The error for a place in a pattern; `reason` says what is wrong there. */
export function refuse(pattern: string, index: number, reason: string, options?: ErrorOptions): Gpt2Error {
  const shown = pattern.length > SHOWN_UNITS ? `${pattern.slice(0, SHOWN_UNITS)}...` : pattern;
  const message = `the regular expression /${shown}/ cannot be used: ${reason}, at position ${index}`;
  return new Gpt2Error('invalid-option', message, options);
}

/**
 * Throws `invalid-option` if groups are nested too deep for the parser and what walks its tree, or if more groups share a name
 * than the parser compares in time.
 */
export function checkGroups(pattern: string): void {
  let depth = 0;
  let isInClass = false;
  /** How many groups have each name, and the depth of the deepest. */
  const named = new Map<string, { readonly count: number; readonly deepest: number }>();
  for (let i = 0; i < pattern.length; i++) {
    const unit = pattern[i];
    if (unit === '\\') i++;
    else if (isInClass) isInClass = unit !== ']';
    else if (unit === '[') isInClass = true;
    else if (unit === ')') depth--;
    else if (unit === '(') {
      if (++depth > MOST_GROUPS) throw refuse(pattern, i, `groups are nested more than ${MOST_GROUPS} deep`);
      const name = nameAt(pattern, i);
      if (name === undefined) continue;
      const before = named.get(name);
      const { count, deepest } = before ?? { count: 0, deepest: 0 };
      const found = { count: count + 1, deepest: Math.max(deepest, depth) };
      named.set(name, found);
      if (before === undefined) continue;
      if (found.count > MOST_OF_A_NAME)
        throw refuse(pattern, i, `more than ${MOST_OF_A_NAME} groups have one name`);
      if (found.deepest > DEEPEST_OF_A_NAME)
        throw refuse(pattern, i, `groups of one name are nested more than ${DEEPEST_OF_A_NAME} deep`);
    }
  }
}

/** The name of the group that begins at a place, without escapes; undefined if it has none. */
function nameAt(pattern: string, at: number): string | undefined {
  NAME.lastIndex = at;
  return NAME.exec(pattern)?.[1]?.replace(
    /\\u(?:\{0*([\da-f]{1,5})\}|([\da-f]{4}))/gi,
    (_, long?: string, short?: string) => String.fromCodePoint(Number.parseInt(long ?? short!, 16)),
  );
}
