import type { FileSearch } from '../files/wanted_files.js';
import { SETTINGS_FILES, TOKENIZER_FILE } from '../tokenizer/files/file_names.js';
import type { CheckpointFormat } from './format.js';
import { searchBase } from './search.js';
import { searchVocabulary } from './search_model.js';

/** How the files of a tokenizer are found at an address. */
export function search(formats: readonly CheckpointFormat[]): FileSearch {
  return {
    ...searchBase('tokenizer', formats),
    async rest(found, ask) {
      await ask([TOKENIZER_FILE, ...SETTINGS_FILES]);
      return (await searchVocabulary(found, ask)) ? [] : [TOKENIZER_FILE];
    },
  };
}
