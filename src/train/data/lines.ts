import { Gpt2Error } from '../../base/errors.js';
import type { DataFile, DocumentPart } from '../../files/data_file.js';
import { ByteQueue } from './byte_queue.js';
import { refuseLine, type Skipping } from './skipping.js';

/** Limit of a line: V8's longest string has 2^29 - 24 characters. */
const LONGEST_LINE_BYTES = 2 ** 28;
const NEWLINE = 0x0a;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A line of a file without its line break; `number` counts from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a file that are not blank. Throws `invalid-file` with the line if it is too long or, unless `skipping` says
 * otherwise, not UTF-8.
 */
export async function* readLines(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
  skipping: Skipping = {},
): AsyncGenerator<Line> {
  const queue = new ByteQueue();
  let line = 1;
  let searched = 0;
  for await (const chunk of file.read(signal, onRead)) {
    queue.push(chunk);
    for (;;) {
      const { bytes } = queue;
      const end = bytes.indexOf(NEWLINE, searched);
      if (end === -1) {
        searched = bytes.length;
        break;
      }
      yield* decodeLine(file.name, line++, bytes.subarray(0, end), skipping);
      queue.drop(end + 1);
      searched = 0;
    }
    if (queue.length > LONGEST_LINE_BYTES) {
      throw new Gpt2Error(
        'invalid-file',
        `${file.name} line ${line} is longer than ${LONGEST_LINE_BYTES} bytes, the most that a line may have`,
      );
    }
  }
  yield* decodeLine(file.name, line, queue.bytes, skipping);
}

function* decodeLine(file: string, number: number, bytes: Uint8Array, skipping: Skipping): Generator<Line> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    refuseLine(skipping, { file, line: number, reason: 'is not UTF-8 text' }, cause);
    return;
  }
  if (text.trim() !== '') yield { number, text };
}

/** The documents of a text file that has one in each line, without line breaks. Blank lines are skipped. */
export async function* readLineDocuments(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
  skipping?: Skipping,
): AsyncGenerator<DocumentPart> {
  for await (const { number, text } of readLines(file, signal, onRead, skipping)) {
    yield { file: file.name, line: number, prompt: '', text: text.replace(/\r$/, ''), last: true };
  }
}

/** Number of lines before the first one that is not UTF-8. */
export function linesBeforeFault(bytes: Uint8Array): number {
  let lines = 0;
  for (let start = 0; start < bytes.length; lines++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    try {
      utf8.decode(bytes.subarray(start, end));
    } catch {
      return lines;
    }
    start = end;
  }
  return lines;
}
