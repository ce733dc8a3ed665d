/** The characters that Python's `\s` and `str.split` take for white space, which JavaScript's do not. */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';

/** Runs of white space. */
export const PYTHON_SPACES = new RegExp(`${SPACE}+`, 'u');
const AT_START = new RegExp(`^${SPACE}+`, 'u');
const AT_END = new RegExp(`(?<!${SPACE})${SPACE}+$`, 'u');

/** The text without white space at its start, as Python's `lstrip`. */
export const stripStart = (text: string): string => text.replace(AT_START, '');
/** The text without white space at its end, as Python's `rstrip`. */
export const stripEnd = (text: string): string => text.replace(AT_END, '');
/** The text without white space around it, as Python's `strip`. */
export const strip = (text: string): string => stripEnd(stripStart(text));

/** Number of pieces between runs of white space, as `len(re.split(r"\s+", text))`: empty ones count. */
export function countWords(text: string): number {
  return text.split(PYTHON_SPACES).length;
}

/** The first character in upper case, the others in lower case, as Python's `capitalize`. */
export function capitalized(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}
