import { withoutControls } from '../../base/visible_text.js';
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

/**
 * Text on stdout that arrives in pieces and ends with a line break. A terminal gets no control characters, which it would
 * obey; other readers get the text as it is.
 */
export class TextOutput {
  readonly #hasColors: boolean;
  #inLine = false;

  /** With `hasColors` the caller writes control sequences, and leaves those of others out. */
  constructor(hasColors = false) {
    this.#hasColors = hasColors;
  }

  async write(text: string): Promise<void> {
    if (text === '') return;
    this.#inLine = !text.endsWith('\n');
    await write(process.stdout.isTTY && !this.#hasColors ? withoutControls(text) : text);
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
  return write(`${jsonLine(value)}\n`);
}

/** JSON without control characters: `JSON.stringify` escapes some of them only. */
function jsonLine(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/\p{Cc}/gu, escaped);
}

/**
 * Writes a line to stderr, for the person at the terminal. Results go to stdout. Names and values of others in it cannot
 * control the terminal.
 */
export function note(line: string): void {
  noteWithColors(withoutControls(line));
}

/** As `note`, for a line with control sequences of this program. */
export function noteWithColors(line: string): void {
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
