import { SETTINGS_FILES, TOKENIZER_FILE } from '../tokenizer/files/file_names.js';
import { OTHER_FILES } from '../tokenizer/files/other_names.js';
import { TOKENIZER_MODELS } from '../tokenizer/models.js';
import { allOf } from './all_formats.js';
import type { CheckpointFormat } from './format.js';
import { partsOf } from './gguf/part_names.js';

/** The files of a tokenizer that models without one of their own may have beside them. */
const TOKENIZER_FILES = [
  TOKENIZER_FILE,
  ...SETTINGS_FILES,
  ...TOKENIZER_MODELS.flatMap(({ files }) => files),
  ...OTHER_FILES,
];

/** Paths of further files that a model may have, one of whose files is given alone. */
export function filesBeside(path: string, formats: readonly CheckpointFormat[]): readonly string[] {
  const parts = partsOf(path);
  if (parts !== undefined) return parts.paths.filter((other) => other !== path);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const own = allOf(formats).flatMap((format) => format.besideFile?.(path.slice(folder.length)) ?? []);
  if (own.length === 0) return [];
  return [...new Set([...own, ...TOKENIZER_FILES])].map((name) => folder + name);
}
