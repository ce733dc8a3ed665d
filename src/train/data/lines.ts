import { Gpt2Error } from '../../base/errors.js';
import type { DataFile, DocumentPart } from '../../files/data_file.js';
import { ByteQueue } from './byte_queue.js';

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
 * The lines of a file that are not blank. Throws `invalid-file` with the line if it is not UTF-8 or too long.
 */
export async function* readLines(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
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
      yield* decodeLine(file.name, line++, bytes.subarray(0, end));
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
  yield* decodeLine(file.name, line, queue.bytes);
}

function* decodeLine(file: string, number: number, bytes: Uint8Array): Generator<Line> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${file} line ${number} is not UTF-8 text`, { cause });
  }
  if (text.trim() !== '') yield { number, text };
}

/** The documents of a text file that has one in each line, without line breaks. Blank lines are skipped. */
export async function* readLineDocuments(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
): AsyncGenerator<DocumentPart> {
  for await (const { number, text } of readLines(file, signal, onRead)) {
    yield { file: file.name, line: number, prompt: '', text: text.replace(/\r$/, ''), last: true };
  }
}
