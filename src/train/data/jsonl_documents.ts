import { Gpt2Error } from '../../errors.js';
import { ByteQueue } from './byte_queue.js';
import type { DataFile, DocumentPart } from './data_file.js';

/** Longer lines would be too long for a string. */
const LONGEST_LINE_BYTES = 2 ** 28;
const NEWLINE = 0x0a;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The documents of a file with a JSON object in each line: `{ "text" }`, or `{ "prompt", "completion" }`. Other fields
 * are not read, and blank lines are passed over. Throws `invalid-file` with the line.
 */
export async function* readJsonLines(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
): AsyncGenerator<DocumentPart> {
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
      yield* parseLine(file.name, line++, bytes.subarray(0, end));
      queue.drop(end + 1);
      searched = 0;
    }
    if (queue.length > LONGEST_LINE_BYTES) {
      throw new Gpt2Error(
        'invalid-file',
        `${file.name} line ${line} is longer than ${LONGEST_LINE_BYTES} bytes; JSON lines have an object in each line`,
      );
    }
  }
  yield* parseLine(file.name, line, queue.bytes);
}

function* parseLine(file: string, line: number, bytes: Uint8Array): Generator<DocumentPart> {
  const wrong = (problem: string, cause?: unknown) =>
    new Gpt2Error('invalid-file', `${file} line ${line} ${problem}`, { cause });
  let source: string;
  try {
    source = utf8.decode(bytes);
  } catch (cause) {
    throw wrong('is not UTF-8 text', cause);
  }
  if (source.trim() === '') return;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw wrong(`is not valid JSON: ${(cause as Error).message}`, cause);
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { text, prompt, completion } = fields;
  if (typeof text === 'string' && prompt === undefined && completion === undefined) {
    if (text !== '') yield { file, line, prompt: '', text, last: true };
  } else if (text === undefined && typeof prompt === 'string' && typeof completion === 'string') {
    if (completion === '') throw wrong('has an empty completion, from which nothing can be learned');
    yield { file, line, prompt, text: completion, last: true };
  } else {
    throw wrong('must be an object with the string "text", or with the strings "prompt" and "completion"');
  }
}
