import { fileError } from '../../host/file_error.js';

/**
 * Writes results to stdout. Resolves once the system has taken them, so that a slow reader slows the writer
 * down.
 */
function write(content: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(content, () => resolve());
  });
}

/** Text on stdout that arrives in pieces and ends with a line break. */
export class TextOutput {
  #inLine = false;

  async write(text: string): Promise<void> {
    if (text === '') return;
    this.#inLine = !text.endsWith('\n');
    await write(text);
  }

  async endLine(): Promise<void> {
    if (this.#inLine) await this.write('\n');
  }
}

/** Writes bytes to stdout. */
export function writeBytes(bytes: Uint8Array): Promise<void> {
  return write(bytes);
}

/** Writes a JSON value to stdout, on one line. */
export function writeJson(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value)}\n`);
}

/** Writes a line to stderr, for the person at the terminal. Results go to stdout. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the process quietly once the reader of its output is gone, as after `| head -1`. */
export function quitWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      note(`error: ${fileError(error, 'the output', 'written').message}`);
      process.exit(1);
    });
  }
}
