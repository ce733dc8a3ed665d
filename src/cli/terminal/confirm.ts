import { createInterface } from 'node:readline';
import { withoutControls } from '../../base/visible_text.js';

/** Asks the person at the terminal; everything but yes means no, and Ctrl-C also sets the exit code. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.setPrompt(`${withoutControls(question)} [y/N] `);
  terminal.on('SIGINT', () => {
    process.exitCode = 130;
    terminal.close();
  });
  terminal.prompt();
  try {
    for await (const answer of terminal) return /^y(es)?$/i.test(answer.trim());
    return false;
  } finally {
    terminal.close();
  }
}
