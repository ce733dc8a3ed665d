import type { EncoderConfig } from '../../architecture/vit/config.js';
import { isJsonObject } from '../../files/json_object.js';
import type { ConfigFiles } from '../checkpoint.js';
import { CONFIG_FILE, GENERATION_FILE } from '../huggingface/file_names.js';
import { ACTIVATION_NAMES, configJson } from '../huggingface/write_config.js';
import type { CaptionerConfig } from './config.js';

/** The content of the encoder's config.json, from which `parseEncoderConfig` reads exactly `config`. */
function encoderJson(config: EncoderConfig): Record<string, unknown> {
  const side = ([height, width]: readonly [number, number]) => (height === width ? height : [height, width]);
  return {
    model_type: config.classTokens === 2 ? 'deit' : 'vit',
    hidden_size: config.channels,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.innerChannels,
    hidden_act: ACTIVATION_NAMES[config.activation],
    layer_norm_eps: config.layerNormEpsilon,
    image_size: side(config.imageSize),
    patch_size: side(config.patchSize),
    num_channels: config.imageChannels,
    qkv_bias: config.qkvBias,
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  };
}

/**
 * The texts of config.json and generation_config.json, by file name. Other fields of the files that are `kept`, such
 * as pad_token_id, are written again.
 */
export function captionerFilesJson(
  { encoder, decoder, startTokenId }: CaptionerConfig,
  kept: ConfigFiles = {},
): Record<string, string> {
  const own = configJson(decoder);
  const ends = { eos_token_id: own.eos_token_id, decoder_start_token_id: startTokenId };
  const before = isJsonObject(kept.config) ? kept.config : {};
  const generation = isJsonObject(kept.generation) ? kept.generation : {};
  const padding = { pad_token_id: decoder.eosTokenIds[0] ?? startTokenId };
  const config = {
    ...padding,
    ...before,
    model_type: 'vision-encoder-decoder',
    architectures: ['VisionEncoderDecoderModel'],
    is_encoder_decoder: true,
    // Encoder and decoder share no weights.
    tie_word_embeddings: false,
    ...ends,
    torch_dtype: 'float32',
    encoder: { ...within(before, 'encoder'), ...encoderJson(encoder) },
    decoder: { ...within(before, 'decoder'), ...own, is_decoder: true, architectures: ['GPT2LMHeadModel'] },
  };
  return {
    [CONFIG_FILE]: text(config),
    [GENERATION_FILE]: text({ ...padding, ...generation, ...ends }),
  };
}

function within(config: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  const found = config[name];
  return isJsonObject(found) ? found : {};
}

const text = (json: object) => `${JSON.stringify(json, undefined, 2)}\n`;
