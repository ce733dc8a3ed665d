import type { CheckpointFormat } from '../format.js';
import { MODEL_MAGIC } from './magic.js';

/** The file of a model that llm.c has trained or llm.c's train_gpt2.py has exported. */
export const LLMC: CheckpointFormat = {
  what: 'a .bin file of llm.c',
  weights: ['gpt2_124M.bin', 'gpt2_124M_bf16.bin'],
  beside: [],
  extensions: ['.bin'],
  besideFile: (name) => (name.endsWith('.bin') ? ['gpt2_tokenizer.bin'] : []),
  begins: (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MODEL_MAGIC,
  open: async (model, signal) => (await import('./open.js')).openLlmc(model, signal),
};
