import { Gpt2Error } from '../../base/errors.js';
import { INTERRUPTED, type Lines } from './lines.js';

const FENCE = '"""';
const MORE = '... ';
/** Longest message, in characters. */
const LONGEST = 2 ** 20;

/** What was written in one or several lines. */
export interface Entry {
  readonly text: string;
  /** Whether it begins with a slash, outside of fences. */
  readonly isCommand: boolean;
}

/**
 * The next message or command; undefined at the end, and after Ctrl-C in an empty line. A line that ends with a
 * backslash is continued, and text between two """ may have several lines. Ctrl-C within these begins again.
 */
export async function readEntry(lines: Lines, prompt: string): Promise<Entry | undefined> {
  for (;;) {
    const first = await lines.read(prompt);
    if (first === undefined || first === INTERRUPTED) return undefined;
    const entry = await wholeEntry(lines, first);
    if (entry !== INTERRUPTED) return entry;
  }
}

async function wholeEntry(lines: Lines, first: string): Promise<Entry | typeof INTERRUPTED> {
  const isFenced = first.startsWith(FENCE);
  const isLast = (line: string) => (isFenced ? line.endsWith(FENCE) : !line.endsWith('\\'));
  const textOf = (line: string) => {
    if (isFenced) return isLast(line) ? line.slice(0, -FENCE.length) : line;
    return isLast(line) ? line : line.slice(0, -1);
  };
  let line = isFenced ? first.slice(FENCE.length) : first;
  const parts = [textOf(line)];
  let length = line.length;
  while (!isLast(line)) {
    const next = await lines.read(MORE);
    if (next === INTERRUPTED) return next;
    if (next === undefined) break;
    line = next;
    length += line.length;
    if (length <= LONGEST) parts.push(textOf(line));
  }
  if (isFenced) {
    // A fence in a line of its own adds no line.
    if (parts[0] === '') parts.shift();
    if (parts.at(-1) === '') parts.pop();
  }
  if (length <= LONGEST) return { text: parts.join('\n'), isCommand: first.startsWith('/') };
  throw new Gpt2Error('invalid-option', `the message has more than ${LONGEST} characters; it was left out`);
}
