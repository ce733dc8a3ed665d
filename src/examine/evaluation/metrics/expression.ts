import { Gpt2Error } from '../../../base/errors.js';
import { checkBacktracking } from './check_backtracking.js';
import type { LoopChains } from './loop_chains.js';

/** Flags that Python's expressions may begin with, such as `(?s)`; JavaScript has these beside the expression. */
const FLAGS = /^\(\?([aimsu]+)\)/;

/** An expression, and how long texts may take. */
interface Checked {
  readonly found: RegExp;
  readonly chains: LoopChains;
}

/** Expressions that were checked, by their source: each is used for all documents. */
const known = new Map<string, Checked>();
const MOST_KNOWN = 100;
/** Most characters that a matcher may read, which takes a second or two. */
const MOST_STEPS = 1e9;

/**
 * An expression that a task file has in Python's form, for all matches in a text; `where` names its place. Throws
 * `invalid-file` for one that JavaScript does not understand, for one whose time may double with each character of a text, and
 * for one that may take too long on this text.
 */
export function expression(source: string, where: string, text = ''): RegExp {
  const [start = '', flags = ''] = FLAGS.exec(source) ?? [];
  const own = `g${[...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('')}`;
  const pattern = source.slice(start.length).replace(/(?<!\\)\(\?P</g, '(?<');
  const shown = `${where} ${source}`;
  const checked = known.get(source) ?? compiled(pattern, own, shown);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(source, checked);
  if (checked.chains.mostSteps(text) > MOST_STEPS) {
    const problem = `it may take hours on a text of ${text.length} characters`;
    throw new Gpt2Error(
      'invalid-file',
      `${shown}: ${problem}; use fewer repetitions that can read the same text`,
    );
  }
  return checked.found;
}

function compiled(pattern: string, own: string, shown: string): Checked {
  try {
    const found = inUnicode(pattern, own) ?? new RegExp(pattern, own);
    return { found, chains: checkBacktracking(pattern, found.flags) };
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${shown}: ${(cause as Error).message}`, { cause });
  }
}

/** undefined for escapes of marks, such as \-, which are no errors in Python. */
function inUnicode(pattern: string, own: string): RegExp | undefined {
  try {
    return new RegExp(pattern, `${own}u`);
  } catch {
    return undefined;
  }
}
