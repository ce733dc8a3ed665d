import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { Gpt2Error } from '../../../base/errors.js';

/** Longest pattern, in UTF-16 units: without this limit, a text of megabytes would be parsed for seconds. */
const MOST_UNITS = 100_000;
/** Deepest nesting of groups: deeper ones would overflow the stacks of the parser and the compiler. */
const MOST_GROUPS = 200;
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
  checkNesting(pattern);
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

function checkNesting(pattern: string): void {
  let depth = 0;
  let isInClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const unit = pattern[i];
    if (unit === '\\') i++;
    else if (isInClass) isInClass = unit !== ']';
    else if (unit === '[') isInClass = true;
    else if (unit === ')') depth--;
    else if (unit === '(' && ++depth > MOST_GROUPS) {
      throw refuse(pattern, i, `groups are nested more than ${MOST_GROUPS} deep`);
    }
  }
}
