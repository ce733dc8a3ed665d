import type { CheckpointFormat } from '../format.js';
import { CHECKPOINT_FILE, INDEX_EXTENSION, INDEX_FILE, SIZES_FILE } from './file_names.js';

/** OpenAI's own files of GPT-2, and what gpt-2-simple and other programs of TensorFlow 1 write. */
export const TENSORFLOW: CheckpointFormat = {
  what: `a folder with ${INDEX_FILE}, its data and ${SIZES_FILE}, as OpenAI's code has it`,
  weights: [INDEX_FILE, CHECKPOINT_FILE],
  beside: [SIZES_FILE],
  extensions: [INDEX_EXTENSION],
  besideFile: (name) =>
    name.endsWith(INDEX_EXTENSION)
      ? [SIZES_FILE, `${name.slice(0, -INDEX_EXTENSION.length)}.data-00000-of-00001`]
      : [],
  parts: async (path, file) => (await import('./parts.js')).filesOf(path, file),
  open: async (model, signal) => (await import('./open.js')).openTensorflow(model, signal),
};
