import type { CheckpointFormat } from '../format.js';
import { CONFIG_FILE, GENERATION_FILE } from '../huggingface/file_names.js';
import { CHARACTERS_FILE, INDEX_FILE, NANOGPT_FILE, SINGLE_FILE } from './file_names.js';
import { isTorch } from './is_torch.js';

/**
 * Files of torch.save: weights, whole or in shards, with a config; training states; nanoGPT's checkpoints.
 */
export const PYTORCH: CheckpointFormat = {
  what: `a folder with ${SINGLE_FILE} in place of model.safetensors, or ${NANOGPT_FILE} of nanoGPT`,
  weights: [SINGLE_FILE, INDEX_FILE, NANOGPT_FILE],
  beside: [CONFIG_FILE, GENERATION_FILE],
  extensions: ['.bin', '.pt', '.pth', '.ckpt'],
  besideFile: (name) =>
    /\.(?:bin|pt|pth|ckpt)$/.test(name) ? [CONFIG_FILE, GENERATION_FILE, CHARACTERS_FILE] : [],
  begins: isTorch,
  parts: async (path, file) => {
    if (path === NANOGPT_FILE) return [CHARACTERS_FILE];
    return path === INDEX_FILE ? (await import('../huggingface/weight_map.js')).shardsOf(file) : [];
  },
  tokenizer: async (model, signal) => (await import('./torch_tokenizer.js')).torchTokenizer(model, signal),
  tensors: async (model, signal) => (await import('./open.js')).torchTensors(model, signal),
  open: async (model, signal) => (await import('./open.js')).openPytorch(model, signal),
};
