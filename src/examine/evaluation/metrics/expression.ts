import { Gpt2Error } from '../../../base/errors.js';
import { checkBacktracking } from './check_backtracking.js';

/** Flags that Python's expressions may begin with, such as `(?s)`; JavaScript has these beside the expression. */
const FLAGS = /^\(\?([aimsu]+)\)/;

/** Expressions that were checked, by their source: each is used for all documents. */
const known = new Map<string, RegExp>();
const MOST_KNOWN = 100;

/**
 * An expression that a task file has in Python's form, for all matches in a text; `where` names its place. Throws
 * `invalid-file` for one that JavaScript does not understand, and for one whose time may double with each character of a text.
 */
export function expression(source: string, where: string): RegExp {
  const [start = '', flags = ''] = FLAGS.exec(source) ?? [];
  const own = `g${[...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('')}`;
  const pattern = source.slice(start.length).replace(/(?<!\\)\(\?P</g, '(?<');
  const found = known.get(source) ?? compiled(pattern, own, `${where} ${source}`);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(source, found);
  return found;
}

function compiled(pattern: string, own: string, shown: string): RegExp {
  let found: RegExp;
  try {
    found = inUnicode(pattern, own) ?? new RegExp(pattern, own);
    checkBacktracking(pattern, found.flags);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${shown}: ${(cause as Error).message}`, { cause });
  }
  return found;
}

/** undefined for escapes of marks, such as \-, which are no errors in Python. */
function inUnicode(pattern: string, own: string): RegExp | undefined {
  try {
    return new RegExp(pattern, `${own}u`);
  } catch {
    return undefined;
  }
}
