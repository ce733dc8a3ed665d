import { Gpt2Error } from '../../base/errors.js';
import { fileText } from '../../examine/bias/readers/file_text.js';
import { jsonLines } from '../../examine/bias/readers/json_objects.js';
import { readTable } from '../../examine/bias/readers/table.js';
import type { JsonObject } from '../../files/json_object.js';
import type { JudgedAnswer, PreferencePair } from '../../train/preferences/preference_data.js';
import { readBytes } from '../inputs/read_bytes.js';

/** A preference of a file. */
export type PreferenceLine = PreferencePair | JudgedAnswer;

const PAIR = ['prompt', 'chosen', 'rejected'] as const;
const JUDGED = ['prompt', 'completion', 'label'] as const;

/**
 * The preferences of files: CSV with the columns prompt, chosen and rejected, or JSON lines with these keys; with
 * `isSingle`, also prompt, completion and label, which is true or false. Throws `invalid-file` with the line, and the
 * errors of reading.
 */
export async function preferenceLines(
  paths: readonly string[],
  isSingle: boolean,
  signal: AbortSignal,
): Promise<PreferenceLine[]> {
  const all: PreferenceLine[] = [];
  for (const path of paths) {
    const bytes = await readBytes(path, signal);
    if (/\.csv$/i.test(path)) {
      const [head = ''] = fileText(bytes, path).split(/[\r\n]/, 1);
      const isJudged = isSingle && /(^|,)"?completion"?(,|$)/.test(head);
      for (const { line, cells } of readTable(bytes, path, ',', isJudged ? JUDGED : PAIR)) {
        all.push(preferenceOf(cells, `${path} line ${line}`, isSingle));
      }
      continue;
    }
    if (!/\.(jsonl|ndjson)$/i.test(path) && path !== '-') {
      throw new Gpt2Error(
        'invalid-option',
        `${path} is no file of preferences; give .csv files with the columns prompt, chosen and rejected, or .jsonl files`,
      );
    }
    for (const { object, place } of jsonLines(bytes, path)) all.push(preferenceOf(object, place, isSingle));
  }
  return all;
}

function preferenceOf(object: JsonObject, place: string, isSingle: boolean): PreferenceLine {
  const text = (key: string) => {
    const value = object[key];
    if (typeof value === 'string') return value;
    throw new Gpt2Error('invalid-file', `${place} needs the text "${key}"${hintOf(object, key, isSingle)}`);
  };
  if (!isSingle || object.completion === undefined) {
    return { prompt: text('prompt'), chosen: text('chosen'), rejected: text('rejected') };
  }
  return { prompt: text('prompt'), completion: text('completion'), label: labelOf(object.label, place) };
}

function hintOf(object: JsonObject, key: string, isSingle: boolean): string {
  if (Array.isArray(object[key])) return '; messages are read of the choices of a --user alone';
  if (isSingle) return key === 'chosen' ? ', or "completion" and "label"' : '';
  return object.completion === undefined ? '' : '; --loss kto learns from "completion" and "label"';
}

/** CSV has only texts. */
const LABELS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
]);

function labelOf(given: unknown, place: string): boolean {
  const label = LABELS.get(typeof given === 'string' ? given.toLowerCase() : given);
  if (label !== undefined) return label;
  throw new Gpt2Error('invalid-file', `${place} needs a "label" that is true or false`);
}
