import { Gpt2Error } from '../../base/errors.js';
import { isOff, MAX_LAYERS, MAX_SIZE, show } from './config_values.js';

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
  /** L: transformer layers. */
  readonly layers: number;
  /** Attention heads a layer; the size of one is channels / heads. */
  readonly heads: number;
  /** Width inside the MLP, 4 C unless the checkpoint says otherwise. */
  readonly innerChannels: number;
  /** The function between the two matrices of the MLP. */
  readonly activation: Activation;
  /** Added to the variance in layer norm. */
  readonly layerNormEpsilon: number;
  /** Divide attention scores by the square root of the head size. */
  readonly scaleAttention: boolean;
  /** Divide attention scores of layer i (from 0) by i + 1 as well. */
  readonly scaleAttentionByInverseLayer: boolean;
  /** The output head is the token embedding. */
  readonly tiedHead: boolean;
  /** Tokens that end a text. */
  readonly eosTokenIds: readonly number[];
  /** Token that begins a text, if the checkpoint names one. */
  readonly bosTokenId: number | undefined;
  /**
   * Rows of a head of its own that are classes of texts in place of tokens: of a model whose head for sequence
   * classification is trained. `tiedHead` is false then.
   */
  readonly classes?: number | undefined;
  /** Each layer also attends to the states of an encoder, if a call gives some; default false. */
  readonly crossAttention?: boolean | undefined;
}

/** Hugging Face's names of activations, several for some. */
const ACTIVATIONS: ReadonlyMap<unknown, Activation> = new Map([
  ['gelu_new', 'gelu-tanh'],
  ['gelu_fast', 'gelu-tanh'],
  ['gelu_pytorch_tanh', 'gelu-tanh'],
  ['gelu_python_tanh', 'gelu-tanh'],
  ['gelu_accurate', 'gelu-tanh'],
  ['gelu', 'gelu-erf'],
  ['gelu_python', 'gelu-erf'],
  ['relu', 'relu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['tanh', 'tanh'],
]);

/** The id of a config.json that omits the field: the default of `GPT2Config`. */
const DEFAULT_END_OF_TEXT = 50256;

/** Refused unless they are off: each asks transformers for other math or other files than a plain GPT-2's. */
const OTHER_MODELS: ReadonlyMap<string, string> = new Map([
  ['is_encoder_decoder', 'an encoder beside the decoder'],
  ['quantization_config', 'quantized weights of another library'],
  ['pruned_heads', 'layers without some of their heads'],
  ['sliding_window', 'a cache that forgets all but the latest positions'],
  ['attention_chunk_size', 'a cache that forgets all but the latest positions'],
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
  refuseOtherModels(fields, where);

  const vocabSize = read.size(['vocab_size'], 50257);
  const channels = read.size(['n_embd', 'hidden_size'], 768);
  const heads = read.size(['n_head', 'num_attention_heads'], 12);
  if (channels % heads !== 0) {
    throw new Gpt2Error(
      'invalid-file',
      `${where}: n_head is ${heads}, which does not divide n_embd ${channels}; every head needs as many channels`,
    );
  }
  // GPT-2 has no such fields, but other tools write them; their values follow from the others.
  read.mustAgree('head_dim', channels / heads, 'n_embd / n_head');
  read.mustAgree('num_key_value_heads', heads, 'n_head');
  return {
    vocabSize,
    // n_ctx was the size of the causal mask; it counts only if no other field gives the context length.
    contextLength: read.size(['n_positions', 'max_position_embeddings'], read.size(['n_ctx'], 1024)),
    channels,
    layers: read.size(['n_layer', 'num_hidden_layers'], 12, MAX_LAYERS),
    heads,
    innerChannels: fields.get('n_inner') == null ? 4 * channels : read.size(['n_inner'], 0),
    activation: read.activation('activation_function', 'gelu-tanh'),
    layerNormEpsilon: read.epsilon('layer_norm_epsilon', 1e-5),
    scaleAttention: read.flag('scale_attn_weights', true),
    scaleAttentionByInverseLayer: read.flag('scale_attn_by_inverse_layer_idx', false),
    tiedHead: read.flag('tie_word_embeddings', true),
    eosTokenIds: read.tokenIds('eos_token_id', vocabSize),
    bosTokenId: read.tokenIds('bos_token_id', vocabSize)[0],
    ...(read.flag('add_cross_attention', false) && { crossAttention: true }),
  };
}

function checkModelType(fields: ReadonlyMap<string, unknown>, where: string): void {
  const type = fields.get('model_type');
  if (type === 'gpt2' || type === 'gpt_bigcode') return;
  // GPT2LMHeadModel, GPT2Model, GPT2ForSequenceClassification, ...
  if (type === undefined && /\bGPT2/.test(String(fields.get('architectures')))) return;
  const found = type === undefined ? 'names no model_type' : `has model_type ${show(type)}`;
  throw new Gpt2Error(
    'unsupported',
    `${where} ${found}; only "gpt2" can be run; for captioners see loadCaptioner`,
  );
}

/**
 * Refuses what transformers would compute otherwise because of a field that this package does not compute
 * with. All other fields that `GPT2Config` does not read are ignored, whatever their names: see
 * `configNotes`.
 */
function refuseOtherModels(fields: ReadonlyMap<string, unknown>, where: string): void {
  const refuse = (name: string, what: string) => {
    throw new Gpt2Error(
      'unsupported',
      `${where}: ${name} is ${show(fields.get(name))}: ${what}, which is not supported; remove the field if the ` +
        'model computes the same without it',
    );
  };
  for (const [name, what] of OTHER_MODELS) if (!isOff(fields.get(name))) refuse(name, what);
  if (fields.get('is_causal') === false) refuse('is_causal', 'attention to later tokens');
  const layerTypes = fields.get('layer_types');
  if (Array.isArray(layerTypes) && layerTypes.some((type) => type !== 'full_attention')) {
    refuse('layer_types', 'layers with another attention than that to all earlier tokens');
  }
  const autoMap = fields.get('auto_map');
  if (Object.keys(autoMap ?? {}).some((key) => key.startsWith('AutoModel'))) {
    throw new Gpt2Error(
      'unsupported',
      `${where}: auto_map names Python code of its own for the model, which cannot be run; ` +
        'remove auto_map if that code computes plain GPT-2',
    );
  }
}

/** Reads fields that were parsed from JSON; `where` names the file in messages. */
export class FieldReader {
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

  epsilon(name: string, fallback: number): number {
    const value = this.#fields.has(name) ? this.#fields.get(name) : fallback;
    // A number that is 0 in 32 bits would divide by 0.
    if (typeof value !== 'number' || !(Math.fround(value) > 0 && value <= 1)) {
      throw this.#wrong(name, 'a number above 0 and at most 1');
    }
    return value;
  }

  activation(name: string, fallback: Activation): Activation {
    if (!this.#fields.has(name)) return fallback;
    const value = this.#fields.get(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'the name of an activation function');
    const activation = ACTIVATIONS.get(value);
    if (activation !== undefined) return activation;
    throw new Gpt2Error(
      'unsupported',
      `${this.#where}: ${name} is ${show(value)}; the known ones are ${[...ACTIVATIONS.keys()].join(', ')}`,
    );
  }

  /** Refuses a size that follows from others if it is there and is another one. */
  mustAgree(name: string, right: number, formula: string): void {
    const value = this.#fields.get(name) ?? right;
    if (value === right) return;
    throw new Gpt2Error(
      'unsupported',
      `${this.#where}: ${name} is ${show(value)}, but ${formula} is ${right}; in GPT-2 they are the same`,
    );
  }

  /** Without ids outside the vocabulary: no model produces them, and GPT2Config's default is often one. */
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
