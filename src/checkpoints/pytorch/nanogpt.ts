import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { MAX_LAYERS, MAX_SIZE } from '../../architecture/gpt2/config_values.js';
import { Gpt2Error } from '../../base/errors.js';
import { described } from '../../files/pickle/values.js';
import type { Checkpoint } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { EMBEDDING } from '../huggingface/names.js';
import { matchTorch } from './match_torch.js';

import type { NamedTensor } from './stored_tensors.js';
import { torchTokenizer } from './torch_tokenizer.js';

/** The token that ends a document in GPT-2's own vocabulary, which nanoGPT uses unless it has characters. */
const END_OF_TEXT = 50256;

type Arguments = ReadonlyMap<unknown, unknown>;

/** The training state that nanoGPT's train.py saves: https://github.com/karpathy/nanoGPT */
export function isNanoGpt(saved: unknown): saved is ReadonlyMap<unknown, unknown> {
  const args = saved instanceof Map ? saved.get('model_args') : undefined;
  return args instanceof Map && args.has('n_layer') && args.has('n_embd');
}

/** The model of a training state of nanoGPT. Throws as `openCheckpoint` does. */
export async function openNanoGpt(
  model: FoundModel,
  saved: ReadonlyMap<unknown, unknown>,
  tensors: readonly NamedTensor[],
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  const { source, file } = model;
  const args = saved.get('model_args') as Arguments;
  const config = configOf(args, tensors, `model_args in ${file.path} of ${source.name}`);
  const matched = await matchTorch(source, config, tensors, {
    config: 'model_args',
    zeroBiases: args.get('bias') === false,
  });
  const notes = args.has('bias')
    ? []
    : [`${file.path} of ${source.name} is of a nanoGPT before January 2023, whose GELU is the tanh form`];
  return {
    ...{ config, ...matched, notes, json: {} },
    format: 'PyTorch, of nanoGPT',
    tokenizer: () => torchTokenizer(model, signal),
  };
}

/** The config in `model_args`. What nanoGPT does not state is fixed in its code. */
function configOf(args: Arguments, tensors: readonly NamedTensor[], where: string): ModelConfig {
  const wrong = (problem: string) => new Gpt2Error('invalid-file', `${where}: ${problem}`);
  const size = (name: string, max = MAX_SIZE): number => {
    const value = args.get(name);
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max)
      return value as number;
    throw wrong(`${name} is ${described(value)}; it must be a whole number from 1 to ${max}`);
  };
  const channels = size('n_embd');
  const heads = size('n_head');
  if (channels % heads !== 0) throw wrong(`n_head is ${heads}, which does not divide n_embd ${channels}`);
  const rows = tensors.find(({ name }) => name.endsWith(EMBEDDING))?.tensor.shape;
  const vocabSize =
    args.get('vocab_size') == null && Array.isArray(rows) ? (rows[0] as number) : size('vocab_size');
  const endsText = vocabSize > END_OF_TEXT;
  return {
    vocabSize,
    contextLength: size('block_size'),
    channels,
    layers: size('n_layer', MAX_LAYERS),
    heads,
    innerChannels: 4 * channels,
    // Versions that can leave out biases have the exact form, those before them the tanh form.
    activation: args.has('bias') ? 'gelu-erf' : 'gelu-tanh',
    layerNormEpsilon: 1e-5,
    scaleAttention: true,
    scaleAttentionByInverseLayer: false,
    tiedHead: true,
    eosTokenIds: endsText ? [END_OF_TEXT] : [],
    bosTokenId: endsText ? END_OF_TEXT : undefined,
  };
}
