import type { Command } from 'commander';

/**
 * The text that a command works on: its argument, or stdin where there is none or it is `-`. `what` names it in
 * messages. Reports a usage error when nobody gives a text, or when it was not quoted.
 */
export async function readText(command: Command, what: string): Promise<string> {
  const [text, ...rest] = command.args;
  if (rest.length > 0) {
    command.error(`error: ${what} is more than one argument; put it in quotes: "${command.args.join(' ')}"`);
  }
  if (text !== undefined && text !== '-') return text;
  return readStdin(command, what);
}

/** All of stdin; a terminal is read only when `-` asks for it. */
export async function readStdin(command: Command, what: string): Promise<string> {
  if (process.stdin.isTTY && command.args.length === 0) {
    command.error(
      `error: no ${what}; give it in quotes, as in: gpt2-wasm ${command.name()} "Once upon a time", or on stdin`,
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return command.error(`error: ${what} on stdin is not UTF-8 text`);
  }
}
