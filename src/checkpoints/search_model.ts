import type { Ask, FoundFiles } from '../files/wanted_files.js';
import { SETTINGS_FILES, TOKENIZER_FILE } from '../tokenizer/files/file_names.js';
import { TOKENIZER_MODELS } from '../tokenizer/models.js';
import type { CheckpointFormat } from './format.js';

/**
 * Asks for the files of a model: first for those that most models have, then for the weights of each format
 * in turn, at last for those of rare formats. Returns the paths without which the found files
 * are useless.
 */
export async function searchModel(
  found: FoundFiles,
  ask: Ask,
  formats: readonly CheckpointFormat[],
): Promise<readonly string[]> {
  const usual = formats[0]!.weights[0]!;
  const [first, ...others] = new Set(formats.flatMap(({ beside }) => beside));
  await ask([usual, ...others, TOKENIZER_FILE, ...SETTINGS_FILES]);
  await searchVocabulary(found, ask);
  for (const { weights, beside, parts } of formats) {
    for (const name of weights) {
      if (name !== usual) await ask([name]);
      const file = found.get(name);
      if (file === undefined) continue;
      for (const part of (await parts?.(name, file)) ?? []) await ask([part]);
      return beside.slice(0, 1);
    }
  }
  const { searchRare } = await import('./search_rare.js');
  return (await searchRare(found, ask, formats)) ?? [first!, usual];
}

/**
 * Asks for the files of tokenizer models if there is no tokenizer.json. Returns whether any of them was
 * found.
 */
export async function searchVocabulary(found: FoundFiles, ask: Ask): Promise<boolean> {
  if (found.has(TOKENIZER_FILE)) return false;
  const count = found.size;
  for (const { files } of TOKENIZER_MODELS) {
    await ask(files);
    if (files.every((path) => found.has(path))) return true;
  }
  const { OTHER_FILES } = await import('../tokenizer/files/other_names.js');
  await ask(OTHER_FILES);
  return found.size > count;
}
