import { loadModel } from '../../../src/index.js';
import { folderTarget } from '../folder_target.js';
import type { Target } from '../target.js';

/** Loads the files and computes; numbers that are not finite are failures. */
async function loadAndCompute(files: Record<string, Uint8Array>): Promise<void> {
  const model = await loadModel(files, { threads: 1, build: 'simd', weights: 'f32', contextLength: 8 });
  try {
    const values = await model.logits([0, 1 % model.config.vocabSize]);
    for (const value of Array.isArray(values) ? values.flatMap((row) => [...row]) : values) {
      if (!Number.isFinite(value)) throw new Error(`a logit is ${value}`);
    }
  } finally {
    model.dispose();
  }
}

const WORDS = [
  'n_embd',
  'n_layer',
  'n_head',
  'n_positions',
  'vocab_size',
  'F32',
  'BF16',
  'data_offsets',
  'shape',
];

export const SAFETENSORS: Target = folderTarget(
  'safetensors',
  ['heads/base', 'checkpoints/one-layer-one-head'],
  loadAndCompute,
  WORDS,
);
export const TORCH: Target = folderTarget(
  'pytorch',
  [
    'pytorch/zip-f32',
    'pytorch/views-legacy',
    'pytorch/nanogpt-bias',
    'pytorch/checkpoint-zip',
    'pytorch/sharded-f32',
  ],
  loadAndCompute,
  WORDS,
);
export const LLMC: Target = folderTarget('llmc', ['llmc/v3', 'llmc/v5'], loadAndCompute);
