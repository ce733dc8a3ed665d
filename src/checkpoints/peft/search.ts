import type { FileSearch } from '../../files/wanted_files.js';
import type { CheckpointFormat } from '../format.js';
import { searchBase } from '../search.js';
import { ADAPTER_CONFIG_FILE, ADAPTER_FILES, ADAPTER_WEIGHTS_FILE, OLD_WEIGHTS_FILE } from './file_names.js';

/** How the files of an adapter are found at an address. */
export function search(formats: readonly CheckpointFormat[]): FileSearch {
  return {
    ...searchBase('adapter', formats),
    first: ADAPTER_CONFIG_FILE,
    async rest(found, ask) {
      await ask([ADAPTER_WEIGHTS_FILE]);
      if (!found.has(ADAPTER_WEIGHTS_FILE)) await ask([OLD_WEIGHTS_FILE]);
      const hasWeights = found.has(ADAPTER_WEIGHTS_FILE) || found.has(OLD_WEIGHTS_FILE);
      if (found.has(ADAPTER_CONFIG_FILE) && hasWeights) return [];
      // These are no adapter; asking shows them, so that the error can name them.
      const count = found.size;
      await ask([...formats.flatMap(({ weights }) => weights), 'pytorch_model.bin']);
      return found.size > count ? [] : ADAPTER_FILES;
    },
  };
}
