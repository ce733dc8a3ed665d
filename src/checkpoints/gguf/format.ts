import type { CheckpointFormat } from '../format.js';
import { isGguf } from './magic.js';

/** One file that holds config, weights and tokenizer, as llama.cpp reads it. */
export const GGUF: CheckpointFormat = {
  what: 'a .gguf file',
  weights: [],
  beside: [],
  extensions: ['.gguf'],
  begins: isGguf,
  open: async (model, signal) => (await import('./reader.js')).openGguf(model, signal),
  tokenizer: async (model, signal) => (await import('./reader.js')).readGgufTokenizer(model, signal),
};
