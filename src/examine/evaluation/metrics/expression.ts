import { Gpt2Error } from '../../../base/errors.js';

/** Flags that Python's expressions may begin with, such as `(?s)`; JavaScript has these beside the expression. */
const FLAGS = /^\(\?([aimsu]+)\)/;

/**
 * An expression that a task file has in Python's form, for all matches in a text; `where` names its place. Throws
 * `invalid-file` for one that JavaScript does not understand.
 */
export function expression(source: string, where: string): RegExp {
  const [start = '', flags = ''] = FLAGS.exec(source) ?? [];
  const own = `g${[...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('')}`;
  const pattern = source.slice(start.length).replace(/(?<!\\)\(\?P</g, '(?<');
  try {
    return new RegExp(pattern, `${own}u`);
  } catch {
    // Escapes of marks, such as \-, are no errors in Python.
  }
  try {
    return new RegExp(pattern, own);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${where} ${source}: ${(cause as Error).message}`, { cause });
  }
}
