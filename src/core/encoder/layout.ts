import { BLOCK, KV_F32, PAGE, padded, pagePartBytes } from '../../../assembly/abi.js';
import { type EncoderConfig, patchLength, stateCount } from '../../architecture/vit/config.js';
import { FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';

/**
 * Bytes of each region whose content is needed within one image; the names but the last are fields of MODEL.
 * Patches are in `hidden` before the first layer, and the last matrix's result is in `qkv` after the last one.
 */
export function encoderRegions(config: EncoderConfig, weights: WeightFormat) {
  const { channels, innerChannels, outputChannels = 0 } = config;
  const states = stateCount(config);
  const longestInput = longestInputOf(config);
  return {
    x: 4 * states * padded(channels),
    normed: 4 * states * padded(channels),
    qkv: 4 * states * Math.max(3 * padded(channels), padded(outputChannels)),
    hidden: 4 * states * padded(Math.max(innerChannels, patchLength(config))),
    quantized: states * Math.ceil(longestInput / BLOCK) * FORMATS[weights].activationBlockBytes,
    keysAndValues: pageCount(config) * pageBytes(config),
  };
}

/** The longest row that is multiplied with a matrix. */
export function longestInputOf(config: EncoderConfig): number {
  return Math.max(config.channels, config.innerChannels, patchLength(config));
}

/** Pages of the keys and values of one layer. */
export function pageCount(config: EncoderConfig): number {
  return Math.ceil(stateCount(config) / PAGE);
}

/** Bytes of one of them. */
export function pageBytes({ channels, heads }: EncoderConfig): number {
  return heads * pagePartBytes(KV_F32, channels / heads);
}
