import { convertModel, loadModel } from '../../../src/index.js';
import { type Files, filesOf, folderTarget } from '../folder_target.js';
import { smallFiles } from '../small.js';
import { mustBeFinite } from '../target.js';

/** Loads the files and computes. */
async function loadAndCompute(files: Record<string, Uint8Array>): Promise<void> {
  const model = await loadModel(files, { threads: 1, build: 'simd', weights: 'f32', contextLength: 8 });
  try {
    mustBeFinite(await model.logits([0, 1 % model.config.vocabSize]), 'a logit');
  } finally {
    model.dispose();
  }
}

const WORDS = [
  ...['n_embd', 'n_layer', 'n_head', 'n_positions', 'n_inner', 'vocab_size', 'activation_function', 'gelu'],
  ...[
    'F32',
    'F16',
    'BF16',
    'I64',
    'data_offsets',
    'shape',
    'dtype',
    '__metadata__',
    'weight_map',
    'model_type',
  ],
  ...['scale_attn_weights', 'scale_attn_by_inverse_layer_idx', 'tie_word_embeddings', 'lm_head.weight'],
];

export const SAFETENSORS = folderTarget(
  'safetensors',
  ['heads/base', 'checkpoints/one-layer-one-head', 'checkpoints/untied-head'].map(filesOf),
  loadAndCompute,
  { words: WORDS },
);

export const SHARDS = folderTarget(
  'shards',
  ['checkpoints/bf16-sharded', 'pytorch/sharded-f32'].map(filesOf),
  loadAndCompute,
  { words: [...WORDS, '../', 'model-00001-of-00003.safetensors', 'total_size'] },
);

const TORCH_FOLDERS = [
  'zip-f32',
  'views-legacy',
  'nanogpt-bias',
  'checkpoint-zip',
  'legacy-float16',
  'masks-bool',
];

export const TORCH = folderTarget(
  'pytorch',
  TORCH_FOLDERS.map((name) => filesOf(`pytorch/${name}`)),
  loadAndCompute,
  { words: WORDS },
);

export const LLMC = folderTarget('llmc', ['llmc/v3', 'llmc/v5'].map(filesOf), loadAndCompute);

const ggufFile = async (weights: 'f16' | 'q8' | 'q4'): Promise<Files> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await convertModel({ ...smallFiles }, { weights })).bytes())
    chunks.push(chunk.slice());
  return { 'model.gguf': new Uint8Array(Buffer.concat(chunks)) };
};

export const GGUF = folderTarget(
  'gguf',
  [await ggufFile('f16'), await ggufFile('q8'), await ggufFile('q4')],
  loadAndCompute,
  {
    words: [
      'GGUF',
      'general.architecture',
      'gpt2.context_length',
      'tokenizer.ggml.tokens',
      'general.alignment',
    ],
  },
);
