import { Gpt2Error } from './errors.js';

/** The elementwise function between the two matrices of the MLP. */
export type Activation = 'gelu-tanh' | 'gelu-erf' | 'relu' | 'silu' | 'tanh';

/** Everything about a checkpoint that changes the computation, under one name each. */
export interface ModelConfig {
  /** V: tokens in the vocabulary. */
  readonly vocabSize: number;
  /** Most positions one sequence can have. */
  readonly contextLength: number;
  /** C: width of the residual stream. */
  readonly channels: number;
  readonly layers: number;
  /** Attention heads a layer; the size of one is channels / heads. */
  readonly heads: number;
  /** Width inside the MLP, 4 C unless the checkpoint says otherwise. */
  readonly innerChannels: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
  /** Divide attention scores by the square root of the head size. */
  readonly scaleAttention: boolean;
  /** Divide attention scores of layer i (from 0) by i + 1 as well. */
  readonly scaleAttentionByInverseLayer: boolean;
  /** The output head is the token embedding. */
  readonly tiedHead: boolean;
  /** Tokens that end a text. */
  readonly eosTokenIds: readonly number[];
  readonly bosTokenId: number | undefined;
}

/** Largest size a field may give: the product of two stays exact in a double, and no larger row fits WebAssembly. */
export const MAX_SIZE = 2 ** 24;
/** Most layers: a damaged count must not make a list of millions of tensors; GPT-2 XL has 48. */
export const MAX_LAYERS = 4096;

/** Hugging Face names of what `Activation` names once. */
const ACTIVATIONS: ReadonlyMap<unknown, Activation> = new Map([
  ['gelu_new', 'gelu-tanh'],
  ['gelu_fast', 'gelu-tanh'],
  ['gelu_pytorch_tanh', 'gelu-tanh'],
  ['gelu', 'gelu-erf'],
  ['gelu_python', 'gelu-erf'],
  ['relu', 'relu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['tanh', 'tanh'],
]);

/** What stands in a config.json that leaves the field out: the defaults of `GPT2Config`. */
const DEFAULT_END_OF_TEXT = 50256;

/** Fields that are read below, in every spelling that `GPT2Config` accepts. */
const READ_FIELDS = new Set([
  ...['model_type', 'architectures', 'vocab_size', 'n_positions', 'max_position_embeddings', 'n_ctx'],
  ...['n_embd', 'hidden_size', 'n_layer', 'num_hidden_layers', 'n_head', 'num_attention_heads', 'n_inner'],
  ...['activation_function', 'hidden_act', 'layer_norm_epsilon', 'scale_attn_weights'],
  ...['scale_attn_by_inverse_layer_idx', 'reorder_and_upcast_attn', 'tie_word_embeddings'],
  ...['eos_token_id', 'bos_token_id', 'auto_map'],
]);

/*
 * A field that is not read is refused when a word of its name is one that names transformer math, unless
 * - its value is off (null, false, 0, '', [], {}), as in `add_cross_attention: false`,
 * - its name says that it is about training, reports, special tokens or speed (`HARMLESS`), as in `attn_pdrop`,
 * - it is a switch that GPT-2 has on, and it is on (`SAME_AS_GPT2`).
 * Every other field passes: a note of its owner such as `finetuned_by`, or a default of text generation.
 */
const MATH_WORDS = new Set(
  [
    'attn attention head query qk kv window sliding local sparse position positional rope rotary alibi relative',
    'sinusoidal emb embd embed embedding mask norm layernorm prenorm postnorm rmsnorm rms ln normalize',
    'normalization layer bias scale scaling scaled mup multiplier softcap softcapping logit residual causal',
    'bidirectional encoder activation act hidden inner mlp ffn feed glu geglu swiglu gate gated expert moe router',
    'conv convolution proj projection lora adapter quant quantization quantized pruned',
  ].flatMap((line) => line.split(' ')),
);
/** `intermediate_size` passes too: GPT2Config never reads it, and the stored shapes are checked in any case. */
const HARMLESS =
  /drop|token_ids?$|^_?(summary|output|initializer|gradient)_|implementation|flash|fused|checkpointing|^chunk_size_/;
const SAME_AS_GPT2: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['position_embedding_type', 'absolute'],
  ['is_causal', true],
  ['causal', true],
  ['attention_bias', true],
  ['mlp_bias', true],
  ['bias', true],
  ['do_layer_norm_before', true],
  ['prenorm', true],
]);

/**
 * Reads a Hugging Face `config.json` of model type gpt2, already parsed from JSON.
 * `where` names the file in messages.
 *
 * Throws `invalid-file` for a value that cannot be right or contradicts another one, and `unsupported`
 * for a field that asks for other math than GPT-2's.
 */
export function parseConfig(json: unknown, where: string): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Gpt2Error('invalid-file', `${where} must hold a JSON object`);
  }
  const fields = new Map<string, unknown>(Object.entries(json));
  const read = new FieldReader(fields, where);
  checkModelType(fields, where);
  for (const [name, value] of fields) checkUnreadField(name, value, where);

  const vocabSize = read.size(['vocab_size'], 50257);
  const channels = read.size(['n_embd', 'hidden_size'], 768);
  const heads = read.size(['n_head', 'num_attention_heads'], 12);
  if (channels % heads !== 0) {
    throw new Gpt2Error(
      'invalid-file',
      `${where}: n_head is ${heads}, which does not divide n_embd ${channels}; every head needs as many channels`,
    );
  }
  return {
    vocabSize,
    // n_ctx was the size of the causal mask and is read by nobody today: it only counts where it stands alone.
    contextLength: read.size(['n_positions', 'max_position_embeddings'], read.size(['n_ctx'], 1024)),
    channels,
    layers: read.size(['n_layer', 'num_hidden_layers'], 12, MAX_LAYERS),
    heads,
    innerChannels: fields.get('n_inner') == null ? 4 * channels : read.size(['n_inner'], 0),
    activation: read.activation(),
    layerNormEpsilon: read.epsilon(),
    scaleAttention: read.flag('scale_attn_weights', true),
    scaleAttentionByInverseLayer: read.flag('scale_attn_by_inverse_layer_idx', false),
    tiedHead: read.flag('tie_word_embeddings', true),
    eosTokenIds: read.tokenIds('eos_token_id', vocabSize),
    bosTokenId: read.tokenIds('bos_token_id', vocabSize)[0],
  };
}

function checkModelType(fields: ReadonlyMap<string, unknown>, where: string): void {
  const type = fields.get('model_type');
  const architectures = fields.get('architectures');
  const known = ['GPT2LMHeadModel', 'GPT2Model'];
  if (type === 'gpt2') return;
  if (type === undefined && Array.isArray(architectures) && architectures.some((a) => known.includes(a)))
    return;
  const found = type === undefined ? 'names no model_type' : `has model_type ${show(type)}`;
  throw new Gpt2Error('unsupported', `${where} ${found}; only "gpt2" can be run`);
}

/** Refuses a field that nobody reads where its name says that it changes the computation. */
export function checkUnreadField(name: string, value: unknown, where: string): void {
  if (name === 'auto_map' && Object.keys(value ?? {}).some((key) => key.startsWith('AutoModel'))) {
    throw new Gpt2Error(
      'unsupported',
      `${where}: auto_map names Python code of its own for the model, which cannot be run; ` +
        'remove auto_map if that code computes plain GPT-2',
    );
  }
  if (READ_FIELDS.has(name) || (SAME_AS_GPT2.has(name) ? SAME_AS_GPT2.get(name) === value : isOff(value)))
    return;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const isMath = words.some((word) => MATH_WORDS.has(word) || MATH_WORDS.has(word.replace(/s$/, '')));
  if (!isMath || HARMLESS.test(name)) return;
  throw new Gpt2Error(
    'unsupported',
    `${where}: ${name} is ${show(value)}, and its name says that it changes the computation in a way ` +
      'that is not known here; remove the field if the model computes the same without it',
  );
}

function isOff(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return !value;
}

/** A value as a message shows it: as JSON, cut where it is long. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

class FieldReader {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #where: string;

  constructor(fields: ReadonlyMap<string, unknown>, where: string) {
    this.#fields = fields;
    this.#where = where;
  }

  /** A whole number from 1 to `max` under any of `names`, which must agree. */
  size(names: readonly string[], fallback: number, max = MAX_SIZE): number {
    const present = names.filter((name) => this.#fields.has(name));
    const sizes = present.map((name) => {
      const value = this.#fields.get(name);
      if (isWholeNumber(value) && value >= 1 && value <= max) return value;
      throw this.#wrong(name, `a whole number from 1 to ${max}`);
    });
    if (sizes.some((size) => size !== sizes[0])) {
      throw new Gpt2Error(
        'invalid-file',
        `${this.#where}: ${present.map((name, i) => `${name} is ${sizes[i]}`).join(', but ')}; ` +
          'both name the same size and must be equal',
      );
    }
    return sizes[0] ?? fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#fields.has(name) ? this.#fields.get(name) : fallback;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false');
    return value;
  }

  epsilon(): number {
    const name = 'layer_norm_epsilon';
    const value = this.#fields.has(name) ? this.#fields.get(name) : 1e-5;
    if (typeof value !== 'number' || !(value > 0 && value <= 1)) {
      throw this.#wrong(name, 'a number above 0 and at most 1');
    }
    return value;
  }

  activation(): Activation {
    const found = this.#namedActivation('activation_function') ?? 'gelu-tanh';
    // GPT2Config ignores hidden_act, so a different function there is somebody's intention that would be lost.
    const intended = this.#namedActivation('hidden_act');
    if (intended !== undefined && intended !== found) {
      throw new Gpt2Error(
        'invalid-file',
        `${this.#where}: hidden_act is ${show(this.#fields.get('hidden_act'))}, but activation_function, ` +
          'the field that counts, means another function; remove the wrong one',
      );
    }
    return found;
  }

  #namedActivation(name: string): Activation | undefined {
    if (!this.#fields.has(name)) return undefined;
    const value = this.#fields.get(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'the name of an activation function');
    const activation = ACTIVATIONS.get(value);
    if (activation !== undefined) return activation;
    throw new Gpt2Error(
      'unsupported',
      `${this.#where}: ${name} is ${show(value)}; the known ones are ${[...ACTIVATIONS.keys()].join(', ')}`,
    );
  }

  /** Ids outside the vocabulary are left out: no model can produce them, and GPT2Config's default is often one. */
  tokenIds(name: string, vocabSize: number): number[] {
    const value = this.#fields.has(name) ? this.#fields.get(name) : DEFAULT_END_OF_TEXT;
    const ids: unknown[] = Array.isArray(value) ? value : value === null ? [] : [value];
    const isId = (id: unknown): id is number => isWholeNumber(id) && id >= 0;
    if (!ids.every(isId) || (name === 'bos_token_id' && Array.isArray(value))) {
      throw this.#wrong(
        name,
        name === 'bos_token_id' ? 'a token id or null' : 'a token id, a list of them, or null',
      );
    }
    return ids.filter((id) => id < vocabSize);
  }

  #wrong(name: string, right: string): Gpt2Error {
    return new Gpt2Error(
      'invalid-file',
      `${this.#where}: ${name} is ${show(this.#fields.get(name))}; it must be ${right}`,
    );
  }
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
