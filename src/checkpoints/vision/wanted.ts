import type { WantedFiles } from '../../files/wanted_files.js';
import { wantedFiles } from '../registry.js';
import { FORMATS } from '../usual_formats.js';
import { PREPROCESSOR_FILE } from './file_names.js';

/** The files to look for in the source of a captioner: those of a model, and how it reads images. */
export function captionerFiles(formats = FORMATS): WantedFiles {
  const model = wantedFiles('model', formats);
  return {
    ...model,
    search: async () => {
      const search = await model.search();
      return {
        ...search,
        async rest(found, ask) {
          await ask([PREPROCESSOR_FILE]);
          return search.rest(found, ask);
        },
      };
    },
  };
}
