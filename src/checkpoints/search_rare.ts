import type { Ask, FoundFiles } from '../files/wanted_files.js';
import { allOf } from './all_formats.js';
import type { CheckpointFormat } from './format.js';
import { OTHER_NAMES } from './known_files.js';

/**
 * Asks for the files of the rare formats in turn, and then for those of formats that are not read: the error
 * can name these. Returns as `searchModel` does, `undefined` if nothing was found.
 */
export async function searchRare(
  found: FoundFiles,
  ask: Ask,
  usual: readonly CheckpointFormat[],
): Promise<readonly string[] | undefined> {
  for (const { weights, beside, parts } of allOf(usual).slice(usual.length)) {
    for (const name of weights) {
      await ask([name]);
      const file = found.get(name);
      if (file === undefined) continue;
      await ask([...beside, ...((await parts?.(name, file)) ?? [])]);
      return [];
    }
  }
  const count = found.size;
  await ask(OTHER_NAMES);
  return found.size > count ? [] : undefined;
}
