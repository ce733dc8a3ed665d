import type { Command } from 'commander';
import { wholeOf } from './read_bytes.js';

/** Most bytes of a text on stdin. */
const MOST_BYTES = 2 ** 26;

/** Text that a command works on. */
export interface InputText {
  readonly text: string;
  readonly fromStdin: boolean;
}

/** Help of an argument that `readText` reads. */
export const OR_STDIN = 'read from stdin if omitted or -';

/**
 * Reads the only argument of a command, or stdin if there is none or it is `-`. Messages call it `what`. Ends
 * with a usage error if there is no text, or if it was not quoted. Throws `invalid-file` for one that is too long.
 */
export async function readText(command: Command, what: string): Promise<InputText> {
  const [text, ...rest] = command.args;
  if (rest.length > 0) {
    command.error(`error: the ${what} is more than one argument; quote it: "${command.args.join(' ')}"`);
  }
  if (text !== undefined && text !== '-') return { text, fromStdin: false };
  if (text === undefined && process.stdin.isTTY) {
    command.error(`error: no ${what}; give one in quotes, or on stdin`);
  }
  const bytes = await wholeOf(process.stdin, `the ${what} on stdin`, MOST_BYTES);
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    return { text: utf8.decode(bytes), fromStdin: true };
  } catch {
    return command.error(`error: the ${what} on stdin is not UTF-8 text`);
  }
}
