import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { isOff, MAX_LAYERS, MAX_SIZE } from '../../architecture/gpt2/config_values.js';
import { Gpt2Error } from '../../base/errors.js';
import type { GgufHeader } from './header.js';
import type { Metadata } from './metadata.js';

const PREFIX = 'gpt2.';
/**
 * The config in the metadata of a GGUF file of architecture gpt2. GGUF has no name for GPT-2's variations:
 * the activation is the tanh form of GELU and attention is scaled as usual, as llama.cpp computes it.
 *
 * Throws `unsupported` for another architecture and for keys that ask for other math, and `invalid-file`.
 */
export async function ggufConfig({ metadata, tensors, where }: GgufHeader): Promise<ModelConfig> {
  const fail = (problem: string) => new Gpt2Error('invalid-file', `${where}: ${problem}`);

  // Known, though not read: the number of tokens is used instead.
  const read = new Set([`${PREFIX}vocab_size`]);
  /** The key of a field, which is recorded as read. */
  function keyOf(name: string): string {
    const key = PREFIX + name;
    read.add(key);
    return key;
  }

  /** A whole number from 1 to `max` under gpt2.`name`. */
  function size(name: string, max = MAX_SIZE): number {
    const key = keyOf(name);
    const value = metadata.whole(key);
    if (value === undefined) throw fail(`the metadata has no ${key}, which describes the model`);
    if (value < 1 || value > max)
      throw fail(`${key} is ${value}; it must be a whole number from 1 to ${max}`);
    return value;
  }

  /** Refuses a key that llama.cpp reads for other models, if its value is not that of GPT-2. */
  function mustBe(name: string, right: number | boolean): void {
    const key = keyOf(name);
    const value = typeof right === 'number' ? metadata.whole(key) : metadata.flag(key);
    if (value === undefined || value === right) return;
    throw new Gpt2Error('unsupported', `${where}: ${key} is ${value}; in GPT-2 it is ${right}`);
  }

  function epsilon(): number {
    const key = keyOf('attention.layer_norm_epsilon');
    const value = metadata.real(key);
    if (value === undefined) throw fail(`the metadata has no ${key}, which describes the model`);
    if (!(value > 0 && value <= 1)) throw fail(`${key} is ${value}; it must be above 0 and at most 1`);
    // The short decimal that was converted to f32, if it gives the same f32.
    const written = Number(value.toPrecision(7));
    return Math.fround(written) === value ? written : value;
  }

  if (!isWholeGpt2(metadata)) {
    const { otherModel } = await import('./other_model.js');
    throw otherModel(metadata, where);
  }
  const channels = size('embedding_length');
  const heads = size('attention.head_count');
  if (channels % heads !== 0) {
    throw fail(
      `gpt2.attention.head_count is ${heads}, which does not divide gpt2.embedding_length ${channels}`,
    );
  }
  mustBe('attention.head_count_kv', heads);
  mustBe('attention.key_length', channels / heads);
  mustBe('attention.value_length', channels / heads);
  mustBe('attention.causal', true);

  const embedding = tensors.find(({ name }) => name === 'token_embd.weight');
  const vocabSize = metadata.texts('tokenizer.ggml.tokens')?.length ?? embedding?.shape[0];
  if (vocabSize === undefined || vocabSize < 1 || vocabSize > MAX_SIZE) {
    throw fail(`it has ${vocabSize ?? 'no'} tokens; a model has 1 to ${MAX_SIZE}`);
  }
  const tokenIds = (name: string): number[] => {
    const id = metadata.whole(`tokenizer.ggml.${name}_token_id`);
    return id !== undefined && id >= 0 && id < vocabSize ? [id] : [];
  };
  const config: ModelConfig = {
    vocabSize,
    contextLength: size('context_length'),
    channels,
    layers: size('block_count', MAX_LAYERS),
    heads,
    innerChannels: size('feed_forward_length'),
    activation: 'gelu-tanh',
    layerNormEpsilon: epsilon(),
    scaleAttention: true,
    scaleAttentionByInverseLayer: false,
    tiedHead: !tensors.some(({ name }) => name === 'output.weight'),
    eosTokenIds: [...new Set([...tokenIds('eos'), ...tokenIds('eot')])],
    bosTokenId: tokenIds('bos')[0],
  };
  const unread = [...metadata.under(PREFIX)].filter(([key, value]) => !read.has(key) && !isOff(value));
  if (unread.length > 0) {
    // Hardly any file has such keys, so that their code is loaded only for them.
    const { checkUnreadKey } = await import('./unread_key.js');
    for (const [key, value] of unread) checkUnreadKey(key, value, where);
  }
  return config;
}

/** Whether the metadata is that of a whole model of architecture gpt2. */
function isWholeGpt2(metadata: Metadata): boolean {
  if ((metadata.text('general.type') ?? 'model') !== 'model') return false;
  return metadata.text('general.architecture') === 'gpt2';
}
