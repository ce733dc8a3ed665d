import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Gpt2Error } from '../../base/errors.js';
import { utf8Text } from '../../base/utf8_text.js';
import { MOST_LINES } from './history.js';

/** What `read` gives when Ctrl-C was pressed in an empty line. */
export const INTERRUPTED: unique symbol = Symbol('interrupted');

/** Lines that a person or a program writes, one at a time. */
export interface Lines {
  /** Whether a person writes them, who sees the prompts. */
  readonly isTerminal: boolean;
  /** The next line; undefined if there is none. Throws `invalid-option` for one that is no text, and goes on after it. */
  read(prompt: string): Promise<string | typeof INTERRUPTED | undefined>;
  /** Called when Ctrl-C is pressed while nothing is read. */
  onInterrupt: () => void;
  /** Lets `read` give undefined from now on. */
  close(): void;
}

/** Lines of a terminal, which can be edited, and those of before called back. */
export class TerminalLines implements Lines {
  readonly isTerminal = true;
  readonly #readline: Interface;
  readonly #waiting: string[] = [];
  #read: ((line: string | typeof INTERRUPTED | undefined) => void) | undefined;
  #isClosed = false;
  /** Lines of this chat and of earlier ones, the latest first. */
  history: readonly string[];
  onInterrupt = (): void => {};

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, history: readonly string[]) {
    this.history = history;
    this.#readline = createInterface({
      ...{ input, output, terminal: true, historySize: MOST_LINES, removeHistoryDuplicates: true },
      history: [...history],
    });
    this.#readline.on('line', (line) => {
      if (this.#read === undefined) this.#waiting.push(line);
      else this.#give(line);
    });
    this.#readline.on('history', (lines) => {
      this.history = lines.slice();
    });
    this.#readline.on('SIGINT', () => this.#interrupt());
    this.#readline.on('close', () => {
      this.#isClosed = true;
      if (this.#read !== undefined) output.write('\n');
      this.#give(undefined);
    });
  }

  async read(prompt: string): Promise<string | typeof INTERRUPTED | undefined> {
    const line = this.#waiting.shift();
    if (line !== undefined || this.#isClosed) return line;
    return new Promise((resolve) => {
      this.#read = resolve;
      this.#readline.setPrompt(prompt);
      this.#readline.prompt(true);
    });
  }

  close(): void {
    this.#readline.close();
  }

  #interrupt(): void {
    if (this.#read === undefined) this.onInterrupt();
    else if (this.#readline.line === '') this.#give(INTERRUPTED);
    // Deletes what is before the cursor, and what is after it.
    else for (const name of ['u', 'k']) this.#readline.write(null as never, { ctrl: true, name });
  }

  #give(line: string | typeof INTERRUPTED | undefined): void {
    const read = this.#read;
    this.#read = undefined;
    read?.(line);
  }
}

/** Longest line on a pipe, in bytes. */
export const LONGEST_LINE = 2 ** 20;
const NEWLINE = 0x0a;

/** Lines on a pipe, in UTF-8. */
export class PipedLines implements Lines {
  readonly isTerminal = false;
  readonly #lines: AsyncGenerator<Uint8Array | undefined, void>;
  readonly #closed: Promise<undefined>;
  #close: () => void = () => {};
  #number = 0;
  onInterrupt = (): void => {};

  constructor(input: Readable) {
    this.#lines = linesOf(input);
    this.#closed = new Promise((resolve) => {
      this.#close = () => {
        resolve(undefined);
        // Nobody waits for its end any more.
        input.destroy();
      };
    });
  }

  async read(): Promise<string | undefined> {
    const next = await Promise.race([this.#closed, this.#lines.next()]);
    if (next === undefined || next.done) return undefined;
    this.#number++;
    const line = next.value;
    if (line === undefined) throw this.#wrong(`has more than ${LONGEST_LINE} bytes`);
    const text = utf8Text(line);
    if (text === undefined) throw this.#wrong('is not UTF-8 text');
    return text.replace(/\r$/, '');
  }

  close(): void {
    this.#close();
  }

  #wrong(problem: string): Gpt2Error {
    return new Gpt2Error('invalid-option', `line ${this.#number} on stdin ${problem}; it was left out`);
  }
}

/** The lines of chunks, without their ends; undefined for one that is too long. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array) => {
    length += part.length;
    if (length > LONGEST_LINE) parts = [];
    else parts.push(part);
  };
  const take = () => {
    const line = length > LONGEST_LINE ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
