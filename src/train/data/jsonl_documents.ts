import { jsonProblem } from '../../files/check_json.js';
import type { DataFile, DocumentPart } from '../../files/data_file.js';
import { type Line, readLines } from './lines.js';
import { refuseLine, type Skipping } from './skipping.js';

/**
 * The documents of a file with a JSON object in each line: `{ "text" }`, or `{ "prompt", "completion" }`.
 * Other fields are ignored, and blank lines skipped. Throws `invalid-file` with the line, unless `skipping` says
 * otherwise.
 */
export async function* readJsonLines(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
  skipping: Skipping = {},
): AsyncGenerator<DocumentPart> {
  for await (const line of readLines(file, signal, onRead, skipping)) {
    yield* parseLine(file.name, line, skipping);
  }
}

function* parseLine(
  file: string,
  { number: line, text: source }: Line,
  skipping: Skipping,
): Generator<DocumentPart> {
  const refuse = (reason: string) => refuseLine(skipping, { file, line, reason });
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return refuse(`is ${jsonProblem(source)}`);
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { text, prompt, completion } = fields;
  if (typeof text === 'string' && prompt === undefined && completion === undefined) {
    if (text !== '') yield { file, line, prompt: '', text, last: true };
    else skipping.onSkip?.({ file, line, reason: 'is empty' });
  } else if (text === undefined && typeof prompt === 'string' && typeof completion === 'string') {
    if (completion === '') return refuse('has an empty completion, from which nothing can be learned');
    yield { file, line, prompt, text: completion, last: true };
  } else {
    refuse('must be an object with the string "text", or with the strings "prompt" and "completion"');
  }
}
