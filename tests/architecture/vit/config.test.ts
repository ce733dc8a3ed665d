import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type EncoderConfig,
  parseEncoderConfig,
  patchCount,
  patchLength,
  stateCount,
} from '../../../src/architecture/vit/config.js';
import { throws } from '../../checkpoints/support.js';

const VIT = { model_type: 'vit' };
const parse = (fields: Record<string, unknown>) => parseEncoderConfig({ ...VIT, ...fields }, 'encoder');
const refuses = (fields: Record<string, unknown>, ...patterns: RegExp[]) =>
  throws(() => parse(fields), 'unsupported', /^encoder/, ...patterns);
const invalid = (fields: Record<string, unknown>, ...patterns: RegExp[]) =>
  throws(() => parse(fields), 'invalid-file', /^encoder/, ...patterns);

/** The encoder of nlpconnect/vit-gpt2-image-captioning, but for the fields that every config has. */
const PUBLISHED = {
  _name_or_path: 'google/vit-base-patch16-224-in21k',
  add_cross_attention: false,
  architectures: ['ViTModel'],
  attention_probs_dropout_prob: 0,
  encoder_stride: 16,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0,
  hidden_size: 768,
  image_size: 224,
  initializer_range: 0.02,
  intermediate_size: 3072,
  is_decoder: false,
  is_encoder_decoder: false,
  layer_norm_eps: 1e-12,
  model_type: 'vit',
  num_attention_heads: 12,
  num_channels: 3,
  num_hidden_layers: 12,
  patch_size: 16,
  pruned_heads: {},
  qkv_bias: true,
};

const BASE: EncoderConfig = {
  channels: 768,
  layers: 12,
  heads: 12,
  innerChannels: 3072,
  activation: 'gelu-erf',
  layerNormEpsilon: 1e-12,
  imageSize: [224, 224],
  patchSize: [16, 16],
  imageChannels: 3,
  classTokens: 1,
  qkvBias: true,
  outputChannels: undefined,
};

test('reads the config of ViT base, and without any field it is the same', () => {
  assert.equal(parse(PUBLISHED), BASE);
  assert.equal(parse({}), BASE);
  assert.equal([patchCount(BASE), patchLength(BASE), stateCount(BASE)], [196, 768, 197]);
});

test('reads every field', () => {
  const fields = {
    model_type: 'deit',
    hidden_size: 30,
    num_hidden_layers: 3,
    num_attention_heads: 5,
    intermediate_size: 7,
    hidden_act: 'relu',
    layer_norm_eps: 0.25,
    image_size: [12, 20],
    patch_size: [3, 10],
    num_channels: 1,
    qkv_bias: false,
  };
  const config = parseEncoderConfig(fields, 'encoder', 48);
  assert.equal(config, {
    channels: 30,
    layers: 3,
    heads: 5,
    innerChannels: 7,
    activation: 'relu',
    layerNormEpsilon: 0.25,
    imageSize: [12, 20],
    patchSize: [3, 10],
    imageChannels: 1,
    classTokens: 2,
    qkvBias: false,
    outputChannels: 48,
  });
  assert.equal([patchCount(config), patchLength(config), stateCount(config)], [8, 30, 10]);
});

test('refuses other models by name', () => {
  throws(() => parseEncoderConfig({}, 'encoder'), 'unsupported', /names no model_type/, /"vit" and "deit"/);
  for (const type of ['swin', 'beit', 'dinov2', 'clip_vision_model', 'VIT', 1]) {
    refuses({ model_type: type }, new RegExp(`model_type ${JSON.stringify(type)}`));
  }
});

test('refuses other math by the name of its field', () => {
  refuses({ hidden_act: 'quick_gelu' }, /hidden_act is "quick_gelu"/, /gelu_new/);
  refuses({ pruned_heads: { 1: [0] } }, /pruned_heads/);
  refuses({ quantization_config: { bits: 8 } }, /quantization_config/);
  refuses({ add_cross_attention: true }, /add_cross_attention/);
});

test('pixels that fill no patch are left out, and an image has at least one', () => {
  for (const [size, patch, count] of [
    [[16, 320], 16, 20],
    [30, 8, 9],
    [[30, 47], [8, 9], 15],
    [[239, 16], 16, 14],
    [[7, 5], [4, 5], 1],
  ]) {
    assert.is(patchCount(parse({ image_size: size, patch_size: patch })), count);
  }
  invalid({ image_size: 8 }, /image_size is 8 x 8/, /patch_size is 16 x 16/);
  invalid({ image_size: [224, 15] }, /224 x 15/);
});

test('refuses values that cannot be right', () => {
  for (const json of [null, [], 'vit', 3]) {
    throws(() => parseEncoderConfig(json, 'encoder'), 'invalid-file', /^encoder must be a JSON object/);
  }
  const sizes = [
    'hidden_size',
    'num_hidden_layers',
    'num_attention_heads',
    'intermediate_size',
    'num_channels',
  ];
  for (const name of [...sizes, 'image_size', 'patch_size']) {
    for (const value of [0, -1, 1.5, 2 ** 24 + 1, '768', null, Number.NaN, {}]) {
      invalid({ [name]: value }, new RegExp(name), /whole number/);
    }
  }
  for (const pair of [[], [16], [16, 16, 16], [16, 0], ['16', 16]]) {
    invalid({ patch_size: pair }, /patch_size/, /height and width/);
  }
  invalid({ num_hidden_layers: 4097 }, /from 1 to 4096/);
  invalid({ hidden_size: 770 }, /num_attention_heads is 12/, /hidden_size 770/);
  invalid({ layer_norm_eps: 0 }, /layer_norm_eps/);
  invalid({ qkv_bias: 'yes' }, /qkv_bias/);
  invalid({ hidden_act: 3 }, /hidden_act/);
});

test.run();
