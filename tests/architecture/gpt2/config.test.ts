import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Activation, parseConfig } from '../../../src/architecture/gpt2/config.js';
import { configNotes } from '../../../src/checkpoints/huggingface/config_notes.js';
import { throws } from '../../checkpoints/support.js';
import { memorySource } from '../../support/sources.js';

const GPT2 = { model_type: 'gpt2' };
const parse = (fields: Record<string, unknown>) => parseConfig({ ...GPT2, ...fields }, 'config.json');
const refuses = (fields: Record<string, unknown>, ...patterns: RegExp[]) =>
  throws(() => parse(fields), 'unsupported', ...patterns);
const invalid = (fields: Record<string, unknown>, ...patterns: RegExp[]) =>
  throws(() => parse(fields), 'invalid-file', /^config\.json/, ...patterns);

const notesOf = (config: Record<string, unknown>) =>
  configNotes({ json: { config }, source: memorySource('here', {}) });

/** config.json of openai-community/gpt2, whose every field must pass. */
const OPENAI = {
  activation_function: 'gelu_new',
  architectures: ['GPT2LMHeadModel'],
  attn_pdrop: 0.1,
  bos_token_id: 50256,
  embd_pdrop: 0.1,
  eos_token_id: 50256,
  initializer_range: 0.02,
  layer_norm_epsilon: 1e-5,
  model_type: 'gpt2',
  n_ctx: 1024,
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  resid_pdrop: 0.1,
  summary_activation: null,
  summary_first_dropout: 0.1,
  summary_proj_to_labels: true,
  summary_type: 'cls_index',
  summary_use_proj: true,
  task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
  vocab_size: 50257,
};

test('reads the config of GPT-2 124M', () => {
  assert.equal(parseConfig(OPENAI, 'config.json'), {
    vocabSize: 50257,
    contextLength: 1024,
    channels: 768,
    layers: 12,
    heads: 12,
    innerChannels: 3072,
    activation: 'gelu-tanh',
    layerNormEpsilon: 1e-5,
    scaleAttention: true,
    scaleAttentionByInverseLayer: false,
    tiedHead: true,
    eosTokenIds: [50256],
    bosTokenId: 50256,
  });
});

test('absent fields have the defaults of GPT2Config, which are GPT-2 124M', () => {
  assert.equal(parse({}), parseConfig(OPENAI, 'config.json'));
});

test('reads the names that other architectures give the sizes', () => {
  const config = parse({
    hidden_size: 36,
    num_attention_heads: 3,
    num_hidden_layers: 2,
    max_position_embeddings: 50,
  });
  assert.equal([config.channels, config.heads, config.layers, config.contextLength], [36, 3, 2, 50]);
});

test('an alias may repeat the size, but not contradict it', () => {
  assert.is(parse({ n_embd: 36, hidden_size: 36, n_head: 3 }).channels, 36);
  invalid({ n_embd: 36, hidden_size: 48, n_head: 3 }, /n_embd is 36/, /hidden_size is 48/);
  invalid({ n_layer: 2, num_hidden_layers: 3 }, /n_layer is 2/, /num_hidden_layers is 3/);
  invalid({ n_head: 2, num_attention_heads: 3 }, /n_head is 2/, /num_attention_heads is 3/);
  invalid({ n_positions: 50, max_position_embeddings: 64 }, /n_positions is 50/, /is 64/);
});

test('n_ctx counts only where no other field names the context', () => {
  assert.is(parse({ n_ctx: 50 }).contextLength, 50);
  assert.is(parse({ n_ctx: 50, n_positions: 64 }).contextLength, 64);
});

test('n_inner null or absent means four times the channels', () => {
  assert.is(parse({ n_embd: 36, n_head: 3, n_inner: null }).innerChannels, 144);
  assert.is(parse({ n_embd: 36, n_head: 3, n_inner: 80 }).innerChannels, 80);
});

test('maps every known activation function and refuses others with the list', () => {
  const known: Record<string, Activation> = {
    gelu_new: 'gelu-tanh',
    gelu_fast: 'gelu-tanh',
    gelu_pytorch_tanh: 'gelu-tanh',
    gelu_python_tanh: 'gelu-tanh',
    gelu_accurate: 'gelu-tanh',
    gelu: 'gelu-erf',
    gelu_python: 'gelu-erf',
    relu: 'relu',
    silu: 'silu',
    swish: 'silu',
    tanh: 'tanh',
  };
  for (const [name, activation] of Object.entries(known)) {
    assert.is(parse({ activation_function: name }).activation, activation);
  }
  refuses({ activation_function: 'quick_gelu' }, /"quick_gelu"/, /gelu_new, .*relu, .*tanh/);
  refuses({ activation_function: 'constructor' }, /"constructor"/);
  invalid({ activation_function: 1 }, /activation_function is 1/);
});

test('reads the switches of the attention and the head', () => {
  const config = parse({
    scale_attn_weights: false,
    scale_attn_by_inverse_layer_idx: true,
    tie_word_embeddings: false,
    reorder_and_upcast_attn: true,
  });
  assert.not(config.scaleAttention);
  assert.ok(config.scaleAttentionByInverseLayer);
  assert.not(config.tiedHead);
});

for (const name of ['scale_attn_weights', 'scale_attn_by_inverse_layer_idx', 'tie_word_embeddings']) {
  test(`${name} must be true or false`, () => {
    invalid({ [name]: 1 }, new RegExp(`${name} is 1; it must be true or false`));
    invalid({ [name]: null }, new RegExp(`${name} is null`));
  });
}

test('token ids: one, several or none', () => {
  assert.equal(parse({ eos_token_id: 5 }).eosTokenIds, [5]);
  assert.equal(parse({ eos_token_id: [5, 7] }).eosTokenIds, [5, 7]);
  assert.equal(parse({ eos_token_id: null }).eosTokenIds, []);
  assert.is(parse({ bos_token_id: 0 }).bosTokenId, 0);
  assert.is(parse({ bos_token_id: null }).bosTokenId, undefined);
});

test('token ids that the vocabulary does not have are left out', () => {
  const config = parse({ vocab_size: 97, bos_token_id: 97 });
  assert.equal(config.eosTokenIds, []);
  assert.is(config.bosTokenId, undefined);
  assert.equal(parse({ vocab_size: 97, eos_token_id: [96, 97] }).eosTokenIds, [96]);
});

test('token ids of a wrong kind are refused', () => {
  for (const value of [-1, 1.5, '5', [1, '2'], true, {}])
    invalid({ eos_token_id: value }, /eos_token_id is .*token id/);
  for (const value of [-1, 1.5, '5', [1]]) invalid({ bos_token_id: value }, /bos_token_id is .*token id/);
});

for (const name of ['vocab_size', 'n_positions', 'n_ctx', 'n_embd', 'n_layer', 'n_head', 'n_inner']) {
  test(`${name} that is no size is refused with what would be right`, () => {
    for (const value of [0, -3, 1.5, 2 ** 24 + 1, Number.POSITIVE_INFINITY, '12', true, [12]]) {
      invalid({ [name]: value }, new RegExp(`${name} is .*; it must be a whole number from 1 to \\d+`));
    }
    if (name !== 'n_inner') invalid({ [name]: null }, new RegExp(`${name} is null`));
  });
}

test('a layer count that would make millions of tensors is refused', () => {
  invalid({ n_layer: 1_000_000 }, /n_layer is 1000000/, /4096/);
});

test('heads that do not divide the channels are refused with both numbers', () => {
  invalid({ n_embd: 32, n_head: 5 }, /n_head is 5/, /n_embd 32/);
});

test('layer_norm_epsilon must be a small positive number', () => {
  assert.is(parse({ layer_norm_epsilon: 1e-3 }).layerNormEpsilon, 1e-3);
  for (const value of [0, 1e-46, -1e-5, 2, Number.POSITIVE_INFINITY, Number.NaN, '1e-5', null]) {
    invalid({ layer_norm_epsilon: value }, /layer_norm_epsilon is .*above 0/);
  }
});

test('another model type is refused by name', () => {
  throws(() => parseConfig({ model_type: 'llama' }, 'config.json'), 'unsupported', /"llama"/, /"gpt2"/);
  throws(() => parseConfig({ model_type: 7 }, 'config.json'), 'unsupported', /model_type 7/);
  throws(() => parseConfig({}, 'config.json'), 'unsupported', /names no model_type/);
  throws(() => parseConfig({ architectures: ['BertModel'] }, 'config.json'), 'unsupported', /no model_type/);
});

test('the architecture is enough where model_type is absent', () => {
  for (const name of ['GPT2LMHeadModel', 'GPT2Model']) {
    assert.is(parseConfig({ architectures: [name] }, 'config.json').layers, 12);
  }
});

test('a config that is no object is refused', () => {
  for (const value of [null, [], 'gpt2', 3, undefined]) {
    throws(() => parseConfig(value, 'config.json'), 'invalid-file', /config\.json must hold a JSON object/);
  }
});

const OTHER_MATH: Record<string, unknown> = {
  is_encoder_decoder: true,
  quantization_config: { bits: 4 },
  pruned_heads: { 0: [1] },
  sliding_window: 256,
  attention_chunk_size: 128,
  layer_types: ['full_attention', 'sliding_attention'],
  is_causal: false,
};
for (const [name, value] of Object.entries(OTHER_MATH)) {
  test(`refuses ${name} ${JSON.stringify(value)}, with which transformers computes something else`, () => {
    refuses({ [name]: value }, new RegExp(`config\\.json: ${name} is`), /remove the field/);
  });
}

test('cross-attention is a part of the configuration only where it is on', () => {
  assert.equal(parse({ add_cross_attention: true }), { ...parse({}), crossAttention: true });
  assert.not.ok('crossAttention' in parse({ add_cross_attention: false }));
  throws(() => parse({ add_cross_attention: 'yes' }), 'invalid-file', /add_cross_attention is "yes"/);
});

/**
 * Fields that GPT2Config does not read, from files of fine-tunes, of other tools and of other architectures.
 */
const IGNORED: Record<string, unknown> = {
  scale_attn_by_layer_idx: true,
  layer_norm_eps: 1e-6,
  num_layers: 5,
  head_dim: 64,
  num_key_value_heads: 12,
  hidden_act: 'quick_gelu',
  intermediate_size: 37,
  position_embedding_type: 'relative_key',
  rope_theta: 10000,
  rope_scaling: { type: 'linear', factor: 2 },
  rotary_dim: 64,
  alibi: true,
  attention_bias: false,
  mlp_bias: true,
  qk_norm: true,
  normalization: 'rmsnorm',
  rms_norm_eps: 1e-6,
  do_layer_norm_before: true,
  cross_attention_hidden_size: 512,
  num_experts: 8,
  logit_scale: 0.5,
  attention_dropout: 0.1,
  embd_dropout: 0.1,
  finetuned_by: 'somebody',
  constructor: 'x',
};
test('fields that GPT2Config does not read are ignored, and said', () => {
  assert.equal(parse(IGNORED), parse({}));
  const [note, ...others] = notesOf({ ...OPENAI, ...IGNORED });
  assert.equal(others, []);
  assert.match(note!, /^config\.json of here: ignored, as transformers/);
  const names = note!.slice(note!.lastIndexOf(':') + 1).split(', ');
  const named = Object.entries(IGNORED).filter(([, value]) => value !== false);
  assert.equal(
    names.map((name) => name.trim().replace(/ .*/, '')),
    named.map(([name]) => name),
  );
  assert.match(note!, /layer_norm_eps \(layer_norm_epsilon counts\)/);
  assert.match(note!, /scale_attn_by_layer_idx \(scale_attn_by_inverse_layer_idx counts\)/);
  assert.equal(notesOf(OPENAI), []);
});

test('sizes that follow from others must agree with them', () => {
  assert.is(parse({ n_embd: 36, n_head: 3, head_dim: 12, num_key_value_heads: 3 }).heads, 3);
  refuses({ n_embd: 36, n_head: 3, head_dim: 64 }, /head_dim is 64, but n_embd \/ n_head is 12/);
  refuses({ n_embd: 36, n_head: 3, num_key_value_heads: 1 }, /num_key_value_heads is 1, but n_head is 3/);
});

test('refuses custom model code, but not a custom tokenizer', () => {
  refuses({ auto_map: { AutoModelForCausalLM: 'modeling_custom.Model' } }, /auto_map/);
  assert.is(parse({ auto_map: { AutoTokenizer: ['tok.Tok', null] } }).layers, 12);
});

test('fields that change no number pass without a word', () => {
  const fields = {
    // what Hugging Face writes into configs of this model type
    _name_or_path: 'x',
    _num_labels: 1,
    _attn_implementation_autoset: true,
    attn_implementation: 'sdpa',
    chunk_size_feed_forward: 64,
    decoder_start_token_id: 0,
    dtype: 'float32',
    finetuning_task: 'x',
    gradient_checkpointing: true,
    id2label: { 0: 'LABEL_0' },
    is_decoder: true,
    label2id: { LABEL_0: 0 },
    max_length: 20,
    n_special: 0,
    num_beam_groups: 1,
    num_return_sequences: 1,
    output_attentions: true,
    output_hidden_states: true,
    output_past: true,
    pad_token_id: 50256,
    predict_special_tokens: true,
    prefix: 'x',
    problem_type: null,
    repetition_penalty: 1.0,
    tokenizer_class: 'GPT2Tokenizer',
    torch_dtype: 'float16',
    transformers_version: '4.57.0',
    use_bfloat16: false,
    use_cache: true,
    // switches of other math that are off
    add_cross_attention: false,
    cross_attention_hidden_size: null,
    is_encoder_decoder: false,
    pruned_heads: {},
    sliding_window: null,
    tie_encoder_decoder: false,
    rotary_pct: 0,
    is_causal: true,
    layer_types: ['full_attention'],
  };
  assert.equal(parse(fields), parse({}));
  assert.equal(notesOf(fields), []);
});

test.run();
