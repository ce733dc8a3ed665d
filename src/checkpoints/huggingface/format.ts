import type { CheckpointFormat } from '../format.js';
import { CONFIG_FILE, GENERATION_FILE, INDEX_FILE, SINGLE_FILE } from './file_names.js';

/**
 * A folder that transformers has saved: safetensors, whole or in shards, with a config and a tokenizer's
 * files.
 */
export const HUGGING_FACE: CheckpointFormat = {
  what: `a folder with ${CONFIG_FILE}, ${SINGLE_FILE} and a tokenizer's files`,
  weights: [SINGLE_FILE, INDEX_FILE],
  extensions: [],
  beside: [CONFIG_FILE, GENERATION_FILE],
  parts: async (path, file) => (path === INDEX_FILE ? (await import('./weight_map.js')).shardsOf(file) : []),
  tensors: async (model, signal) => (await import('./tensors.js')).readTensors(model, signal),
  open: async (model, signal) => (await import('./open.js')).openSafetensors(model, signal),
};
