import { KV_F32, padded } from '../../../assembly/abi.js';
import { type EncoderConfig, patchLength, stateCount } from '../../architecture/vit/config.js';
import { OUTPUT_PROJECTION } from '../../architecture/vit/parameters.js';
import { FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import { ACTIVATIONS, LAYER, MATRIX, MODEL } from '../abi/model_struct.js';
import { type StructLayout, structBytes, writeStruct } from '../abi/struct.js';
import type { encoderRegions } from './layout.js';

/** Sizes of an encoder, addresses of its parts, and the steps to compute. */
export const ENCODER = {
  model: 'u32',
  states: 'u32',
  classTokens: 'u32',
  projection: 'u32',
  patches: 'u32',
  classRows: 'u32',
  positions: 'u32',
  pages: 'u32',
  outProjection: 'u32',
  out: 'u32',
  firstStep: 'u32',
  endStep: 'u32',
} as const satisfies StructLayout;

/** Addresses of the parts of an encoder. */
export interface EncoderAddresses extends Readonly<Record<keyof ReturnType<typeof encoderRegions>, number>> {
  /** Room for `encoderStructBytes`. */
  readonly encoder: number;
  /** Array of the addresses of pages. */
  readonly pages: number;
  readonly scratch: number;
  /** Bytes of `scratch` for each thread. */
  readonly scratchBytes: number;
  /** Address of a parameter. */
  weight(name: string): number;
}

/** Matrices of a layer, and those before and after all layers. */
const LAYER_MATRICES = 4;
const OTHER_MATRICES = 2;

/** Bytes of an ENCODER, its MODEL, its LAYERs and all MATRIX, in this order. */
export function encoderStructBytes({ layers }: EncoderConfig): number {
  const matrices = OTHER_MATRICES + LAYER_MATRICES * layers;
  return (
    structBytes(ENCODER) + structBytes(MODEL) + layers * structBytes(LAYER) + matrices * structBytes(MATRIX)
  );
}

/** Writes an encoder's structures to `addresses.encoder`, whose memory is zero. */
export function writeEncoder(
  view: DataView,
  config: EncoderConfig,
  weights: WeightFormat,
  addresses: EncoderAddresses,
): void {
  const { encoder, weight, hidden, qkv, pages } = addresses;
  const { channels, layers, heads, innerChannels, outputChannels, classTokens } = config;
  const model = encoder + structBytes(ENCODER);
  const layerArray = model + structBytes(MODEL);
  let end = layerArray + layers * structBytes(LAYER);
  const writeMatrix = (fields: Record<keyof typeof MATRIX, number>) => {
    writeStruct(view, end, MATRIX, fields);
    end += structBytes(MATRIX);
    return end - structBytes(MATRIX);
  };
  const matrix = (name: string, K: number, N: number) =>
    writeMatrix({ weight: weight(`${name}.weight`), bias: weight(`${name}.bias`), K, N });

  writeStruct(view, encoder, ENCODER, {
    model,
    states: stateCount(config),
    classTokens,
    projection: matrix('embeddings.patch_embeddings.projection', patchLength(config), channels),
    patches: hidden,
    classRows: weight('embeddings.cls_token'),
    positions: weight('embeddings.position_embeddings'),
    pages,
    outProjection: outputChannels === undefined ? 0 : matrix(OUTPUT_PROJECTION, channels, outputChannels),
    out: qkv,
  });
  writeStruct(view, model, MODEL, {
    ...addresses,
    channels,
    layers,
    heads,
    innerChannels,
    activation: ACTIVATIONS[config.activation],
    weights: FORMATS[weights].code,
    kv: KV_F32,
    layerNormEpsilon: config.layerNormEpsilon,
    finalWeight: weight('layernorm.weight'),
    finalBias: weight('layernorm.bias'),
    layerArray,
  });
  for (let index = 0; index < layers; index++) {
    const layer = `encoder.layer.${index}`;
    // Keys and values follow: see `encoderParameters`.
    const query = `${layer}.attention.attention.query`;
    writeStruct(view, layerArray + index * structBytes(LAYER), LAYER, {
      ln1Weight: weight(`${layer}.layernorm_before.weight`),
      ln1Bias: weight(`${layer}.layernorm_before.bias`),
      attn: writeMatrix({
        weight: weight(`${query}.weight`),
        bias: config.qkvBias ? weight(`${query}.bias`) : 0,
        K: channels,
        N: 3 * padded(channels),
      }),
      proj: matrix(`${layer}.attention.output.dense`, channels, channels),
      ln2Weight: weight(`${layer}.layernorm_after.weight`),
      ln2Bias: weight(`${layer}.layernorm_after.bias`),
      fc: matrix(`${layer}.intermediate.dense`, channels, innerChannels),
      out: matrix(`${layer}.output.dense`, innerChannels, channels),
      scoreScale: 1 / Math.sqrt(channels / heads),
    });
  }
}
