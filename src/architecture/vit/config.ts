import { Gpt2Error } from '../../base/errors.js';
import { type Activation, FieldReader } from '../gpt2/config.js';
import { isOff, MAX_LAYERS, MAX_SIZE, show } from '../gpt2/config_values.js';

/** Everything about an image encoder, ViT or DeiT, that changes the computation. */
export interface EncoderConfig {
  /** C: width of the states. */
  readonly channels: number;
  /** Transformer layers. */
  readonly layers: number;
  /** Attention heads a layer; the size of one is channels / heads. */
  readonly heads: number;
  /** Width inside the MLP. */
  readonly innerChannels: number;
  /** The function between the two matrices of the MLP. */
  readonly activation: Activation;
  /** Added to the variance in layer norm. */
  readonly layerNormEpsilon: number;
  /**
   * Height and width of an image in pixels. Those at the bottom and on the right that fill no whole patch are left
   * out, as a convolution without padding does.
   */
  readonly imageSize: readonly [number, number];
  /** Height and width of a patch in pixels. */
  readonly patchSize: readonly [number, number];
  /** Numbers of a pixel: 3 for red, green and blue. */
  readonly imageChannels: number;
  /** States before those of the patches: 1 in ViT, 2 in DeiT, whose second one is for distillation. */
  readonly classTokens: 1 | 2;
  /** Whether queries, keys and values have biases. */
  readonly qkvBias: boolean;
  /** Width of the states after a last matrix (`enc_to_dec_proj`); undefined if there is none. */
  readonly outputChannels: number | undefined;
}

/** Patches from top to bottom, and from left to right. */
export function patchGrid({
  imageSize,
  patchSize,
}: Pick<EncoderConfig, 'imageSize' | 'patchSize'>): [rows: number, columns: number] {
  return [Math.floor(imageSize[0] / patchSize[0]), Math.floor(imageSize[1] / patchSize[1])];
}

/** Patches of an image. */
export function patchCount(config: EncoderConfig): number {
  const [rows, columns] = patchGrid(config);
  return rows * columns;
}

/** Numbers of a patch. */
export function patchLength({ imageChannels, patchSize }: EncoderConfig): number {
  return imageChannels * patchSize[0] * patchSize[1];
}

/** S: states that an image becomes. */
export function stateCount(config: EncoderConfig): number {
  return config.classTokens + patchCount(config);
}

/** Class tokens by model type. */
const MODEL_TYPES: ReadonlyMap<unknown, 1 | 2> = new Map([
  ['vit', 1],
  ['deit', 2],
]);

/** Refused unless they are off: each asks transformers for other math or other files. */
const OTHER_MODELS: ReadonlyMap<string, string> = new Map([
  ['quantization_config', 'quantized weights of another library'],
  ['pruned_heads', 'layers without some of their heads'],
  ['add_cross_attention', 'attention to another encoder'],
]);

/**
 * Reads the `config.json` of a vision model of type vit or deit, or the `encoder` in that of a
 * VisionEncoderDecoderModel, already parsed from JSON. `where` names it in messages. `outputChannels`: the width
 * of the last matrix, if the model has one.
 *
 * Throws `invalid-file` for a value that cannot be right or contradicts another one, and `unsupported` for
 * another model type and for a field that asks for other math.
 */
export function parseEncoderConfig(json: unknown, where: string, outputChannels?: number): EncoderConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Gpt2Error('invalid-file', `${where} must be a JSON object`);
  }
  const fields = new Map<string, unknown>(Object.entries(json));
  const read = new FieldReader(fields, where);
  const classTokens = readClassTokens(fields, where);
  refuseOtherModels(fields, where);
  const channels = read.size(['hidden_size'], 768);
  const heads = read.size(['num_attention_heads'], 12);
  if (channels % heads !== 0) {
    throw new Gpt2Error(
      'invalid-file',
      `${where}: num_attention_heads is ${heads}, which does not divide hidden_size ${channels}; every head needs ` +
        'as many channels',
    );
  }
  return {
    channels,
    layers: read.size(['num_hidden_layers'], 12, MAX_LAYERS),
    heads,
    innerChannels: read.size(['intermediate_size'], 3072),
    activation: read.activation('hidden_act', 'gelu-erf'),
    layerNormEpsilon: read.epsilon('layer_norm_eps', 1e-12),
    ...readSizes(fields, where),
    imageChannels: read.size(['num_channels'], 3),
    classTokens,
    qkvBias: read.flag('qkv_bias', true),
    outputChannels,
  };
}

function readClassTokens(fields: ReadonlyMap<string, unknown>, where: string): 1 | 2 {
  const type = fields.get('model_type');
  const classTokens = MODEL_TYPES.get(type);
  if (classTokens !== undefined) return classTokens;
  const found = type === undefined ? 'names no model_type' : `has model_type ${show(type)}`;
  throw new Gpt2Error('unsupported', `${where} ${found}; image encoders of type "vit" and "deit" can be run`);
}

function refuseOtherModels(fields: ReadonlyMap<string, unknown>, where: string): void {
  for (const [name, what] of OTHER_MODELS) {
    const value = fields.get(name);
    if (isOff(value)) continue;
    throw new Gpt2Error(
      'unsupported',
      `${where}: ${name} is ${show(value)}: ${what}, which is not supported; remove the field if the model computes ` +
        'the same without it',
    );
  }
}

/** Sizes of images and patches; an image has at least one patch. */
function readSizes(fields: ReadonlyMap<string, unknown>, where: string) {
  const imageSize = readPair(fields, 'image_size', 224, where);
  const patchSize = readPair(fields, 'patch_size', 16, where);
  if (imageSize[0] < patchSize[0] || imageSize[1] < patchSize[1]) {
    throw new Gpt2Error(
      'invalid-file',
      `${where}: image_size is ${imageSize.join(' x ')}, less than one patch: patch_size is ${patchSize.join(' x ')}`,
    );
  }
  return { imageSize, patchSize };
}

/** A height and a width: one number for both, or a list of the two. */
function readPair(
  fields: ReadonlyMap<string, unknown>,
  name: string,
  fallback: number,
  where: string,
): readonly [number, number] {
  const value = fields.has(name) ? fields.get(name) : fallback;
  const [height, width, ...others] = Array.isArray(value) ? (value as unknown[]) : [value, value];
  if (isSize(height) && isSize(width) && others.length === 0) return [height, width];
  throw new Gpt2Error(
    'invalid-file',
    `${where}: ${name} is ${show(value)}; it must be a whole number from 1 to ${MAX_SIZE}, or a list of two, height ` +
      'and width',
  );
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MAX_SIZE;
}
