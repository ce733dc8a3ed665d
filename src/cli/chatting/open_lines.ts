import type { Readable, Writable } from 'node:stream';
import { type Terminal, usesColors } from '../terminal/terminal.js';
import { readHistory, writeHistory } from './history.js';
import { type Lines, PipedLines, TerminalLines } from './lines.js';

/** What a program reads and writes; `process` has them. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable & Terminal;
}

/** Open lines. */
export interface OpenLines {
  readonly lines: Lines;
  readonly prompt: string;
  /** Keeps the history so far: a process may end without a word. Throws `storage`. */
  keep(): Promise<void>;
  /** Closes them, and keeps the history. Throws `storage`. */
  close(): Promise<void>;
}

const PROMPT = '> ';
const BOLD_PROMPT = `\u001b[1m${PROMPT}\u001b[0m`;

/**
 * The lines on stdin. A person sees prompts on stdout, or on stderr if stdout goes elsewhere; `history` is the file with
 * the lines of earlier chats, undefined if none are to be kept.
 */
export async function openLines(
  { stdin, stdout, stderr }: Streams,
  history: string | undefined,
): Promise<OpenLines> {
  if (!stdin.isTTY) {
    const lines = new PipedLines(stdin);
    return { lines, prompt: '', keep: async () => {}, close: async () => lines.close() };
  }
  const output = stdout.isTTY ? stdout : stderr;
  const lines = new TerminalLines(stdin, output, history === undefined ? [] : await readHistory(history));
  let kept = lines.history;
  const keep = async () => {
    if (history === undefined || lines.history === kept) return;
    await writeHistory(history, lines.history);
    kept = lines.history;
  };
  return {
    lines,
    keep,
    prompt: usesColors(output) ? BOLD_PROMPT : PROMPT,
    async close() {
      lines.close();
      await keep();
    },
  };
}
