import { Gpt2Error } from '../../base/errors.js';
import type { DataFile, DocumentPart } from '../../files/data_file.js';
import { type Line, readLines } from './lines.js';

/**
 * The documents of a file with a JSON object in each line: `{ "text" }`, or `{ "prompt", "completion" }`.
 * Other fields are ignored, and blank lines skipped. Throws `invalid-file` with the line.
 */
export async function* readJsonLines(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
): AsyncGenerator<DocumentPart> {
  for await (const line of readLines(file, signal, onRead)) yield* parseLine(file.name, line);
}

function* parseLine(file: string, { number, text: source }: Line): Generator<DocumentPart> {
  const wrong = (problem: string, cause?: unknown) =>
    new Gpt2Error('invalid-file', `${file} line ${number} ${problem}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw wrong(`is not valid JSON: ${(cause as Error).message}`, cause);
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { text, prompt, completion } = fields;
  if (typeof text === 'string' && prompt === undefined && completion === undefined) {
    if (text !== '') yield { file, line: number, prompt: '', text, last: true };
  } else if (text === undefined && typeof prompt === 'string' && typeof completion === 'string') {
    if (completion === '') throw wrong('has an empty completion, from which nothing can be learned');
    yield { file, line: number, prompt, text: completion, last: true };
  } else {
    throw wrong('must be an object with the string "text", or with the strings "prompt" and "completion"');
  }
}
