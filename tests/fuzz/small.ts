import { loadModel } from '../../src/index.js';
import { tinyModel } from '../support/tiny_model.js';
import { type Files, filesOf } from './folder_target.js';

const { 'vocab.json': vocab, 'merges.txt': merges } = filesOf('stories-tiny');
const { 'config.json': config, 'model.safetensors': weights } = tinyModel(1024, {
  config: { bos_token_id: 0, eos_token_id: 0 },
});

/** A model of a few thousand weights and a context of 16 tokens, with a tokenizer. */
export const smallFiles: Files = {
  'config.json': new TextEncoder().encode(config as string),
  'model.safetensors': weights as Uint8Array,
  ...{ 'vocab.json': vocab!, 'merges.txt': merges! },
};

/** The model, loaded once for a thread. */
export const small = await loadModel(smallFiles, { build: 'simd', threads: 1 });
