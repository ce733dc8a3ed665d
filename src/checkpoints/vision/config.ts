import { type ModelConfig, parseConfig } from '../../architecture/gpt2/config.js';
import { show } from '../../architecture/gpt2/config_values.js';
import { type EncoderConfig, parseEncoderConfig } from '../../architecture/vit/config.js';
import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { withGenerationConfig } from '../huggingface/generation_config.js';

/** Two models as one: an encoder of images, and a GPT-2 that attends to its states. */
export interface CaptionerConfig {
  /** The encoder's configuration. */
  readonly encoder: EncoderConfig;
  /** The decoder's configuration, with the tokens that end a caption. */
  readonly decoder: ModelConfig;
  /** The token that captions begin with: `decoder_start_token_id`. */
  readonly startTokenId: number;
}

/** A JSON file, and its name in messages. */
export interface NamedJson {
  readonly json: unknown;
  readonly where: string;
}

const MODEL_TYPE = 'vision-encoder-decoder';
const START = 'decoder_start_token_id';

/**
 * Reads the config.json of a `VisionEncoderDecoderModel`, already parsed from JSON, and its
 * generation_config.json, whose tokens take precedence over those of config.json, and those over the decoder's.
 *
 * Throws `invalid-file` for a value that cannot be right or contradicts another one, and `unsupported` for
 * models of other kinds.
 */
export function parseCaptionerConfig(config: NamedJson, generation: NamedJson | undefined): CaptionerConfig {
  const { where } = config;
  const json = objectOf(config.json, where);
  checkModelType(json, where);
  const decoderJson = objectOf(json.decoder, `decoder in ${where}`);
  const encoderJson = objectOf(json.encoder, `encoder in ${where}`);
  let decoder = parseConfig(decoderJson, `decoder in ${where}`);
  if (!decoder.crossAttention) {
    throw new Gpt2Error(
      'invalid-file',
      `decoder in ${where} has add_cross_attention ${show(decoderJson.add_cross_attention)}; a decoder that sees images needs it true`,
    );
  }
  const asked = decoderJson.cross_attention_hidden_size;
  if (asked != null && asked !== decoder.channels) {
    throw new Gpt2Error(
      'unsupported',
      `decoder in ${where}: cross_attention_hidden_size is ${show(asked)}; states of another width than n_embd ` +
        `${decoder.channels} are read only through enc_to_dec_proj`,
    );
  }
  for (const { json, where } of [config, ...(generation ? [generation] : [])]) {
    decoder = withGenerationConfig(decoder, json, where);
  }
  const own = parseEncoderConfig(encoderJson, `encoder in ${where}`);
  const encoder = own.channels === decoder.channels ? own : { ...own, outputChannels: decoder.channels };
  const named = [
    ...(generation ? [generation] : []),
    config,
    { json: decoderJson, where: `decoder in ${where}` },
  ];
  return { encoder, decoder, startTokenId: startToken(named, decoder, where) };
}

function checkModelType(json: JsonObject, where: string): void {
  const type = json.model_type;
  if (type === MODEL_TYPE) return;
  const advice = type === 'gpt2' ? '; loadModel loads it, but it sees no images' : '';
  throw new Gpt2Error(
    'unsupported',
    `${where} has model_type ${show(type)}; a captioner has "${MODEL_TYPE}"${advice}`,
  );
}

/** The first token that a file names, or else the token that begins a text. */
function startToken(
  files: readonly NamedJson[],
  { vocabSize, bosTokenId }: ModelConfig,
  where: string,
): number {
  for (const { json, where } of files) {
    const id = (json as JsonObject)[START];
    if (id == null) continue;
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize) return id as number;
    throw new Gpt2Error(
      'invalid-file',
      `${where}: ${START} is ${show(id)}; it must be the id of a token, 0 to ${vocabSize - 1}`,
    );
  }
  if (bosTokenId !== undefined) return bosTokenId;
  throw new Gpt2Error(
    'invalid-file',
    `${where} names neither ${START} nor bos_token_id, one of which begins a caption`,
  );
}

function objectOf(json: unknown, where: string): JsonObject {
  if (isJsonObject(json)) return json;
  throw new Gpt2Error('invalid-file', `${where} must be a JSON object`);
}
