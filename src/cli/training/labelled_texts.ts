import { Gpt2Error } from '../../base/errors.js';
import { jsonLines, textOf } from '../../examine/bias/readers/json_objects.js';
import { readTable } from '../../examine/bias/readers/table.js';
import type { LabelledText } from '../../train/classes/classifier_options.js';
import { readBytes } from '../inputs/read_bytes.js';

/**
 * The texts and classes of files: CSV with the columns text and label, or JSON lines with these keys; a label may be a
 * number there. Throws `invalid-file` with the line, and the errors of reading.
 */
export async function labelledTexts(paths: readonly string[], signal: AbortSignal): Promise<LabelledText[]> {
  const all: LabelledText[] = [];
  for (const path of paths) {
    const bytes = await readBytes(path, signal);
    if (/\.csv$/i.test(path)) {
      for (const { cells } of readTable(bytes, path, ',', ['text', 'label'])) all.push(cells);
      continue;
    }
    if (!/\.(jsonl|ndjson)$/i.test(path) && path !== '-') {
      throw new Gpt2Error(
        'invalid-option',
        `${path} is no file of labelled texts; give .csv files with the columns text and label, or .jsonl files`,
      );
    }
    for (const { object, place } of jsonLines(bytes, path)) {
      const label = Number.isFinite(object.label) ? String(object.label) : textOf(object, 'label', place);
      all.push({ text: textOf(object, 'text', place), label });
    }
  }
  return all;
}
