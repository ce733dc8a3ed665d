import type { Command } from 'commander';

/** What a command works on, and whether it came from stdin. */
export interface InputText {
  readonly text: string;
  readonly fromStdin: boolean;
}

/**
 * The one argument of a command, or stdin where there is none or it is `-`. `what` names it in messages.
 * Ends with a usage error when nobody gives a text, or when it was not quoted.
 */
export async function readText(command: Command, what: string): Promise<InputText> {
  const [text, ...rest] = command.args;
  if (rest.length > 0) {
    command.error(`error: the ${what} is more than one argument; quote it: "${command.args.join(' ')}"`);
  }
  if (text !== undefined && text !== '-') return { text, fromStdin: false };
  if (text === undefined && process.stdin.isTTY) {
    command.error(`error: there is no ${what}; give one in quotes, or on stdin`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    return { text: utf8.decode(Buffer.concat(chunks)), fromStdin: true };
  } catch {
    return command.error(`error: the ${what} on stdin is not UTF-8 text`);
  }
}
