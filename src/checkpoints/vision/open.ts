import type { EncoderConfig } from '../../architecture/vit/config.js';
import { encoderParameters } from '../../architecture/vit/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { readJson } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { Checkpoint, ConfigFiles } from '../checkpoint.js';
import { CONFIG_FILE, GENERATION_FILE } from '../huggingface/file_names.js';
import { matchGpt2 } from '../huggingface/match_gpt2.js';
import { byteLengthOf, matchTensors } from '../match.js';
import { findModel } from '../registry.js';
import type { StoredTensor } from '../stored_tensor.js';
import { FORMATS } from '../usual_formats.js';
import { parseCaptionerConfig } from './config.js';
import { PREPROCESSOR_FILE } from './file_names.js';
import { asDecoder, isDecoders, storedEncoder } from './parts.js';

/** A published captioner whose headers match its config; no weight has been read yet. */
export interface CaptionerCheckpoint {
  readonly encoder: Pick<Checkpoint, 'tensors' | 'totalBytes'> & { readonly config: EncoderConfig };
  readonly decoder: Checkpoint;
  /** The token that captions begin with. */
  readonly startTokenId: number;
  /** The JSON of preprocessor_config.json, if it is there. */
  readonly preprocessor: JsonObject | undefined;
}

/**
 * Reads the config and the headers of a `VisionEncoderDecoderModel`, in any format that names tensors as
 * transformers does, and finds every weight of both models in it. Throws as `openCheckpoint` does.
 */
export async function openCaptioner(
  source: ModelSource,
  signal?: AbortSignal,
  formats = FORMATS,
): Promise<CaptionerCheckpoint> {
  const found = await findModel(source, signal, formats);
  if (found === undefined) throw await (await import('../no_model.js')).noModel(source, formats, signal);
  const { format, model } = found;
  if (format.tensors === undefined) {
    throw new Gpt2Error(
      'unsupported',
      `${model.file.path} of ${source.name} holds a language model alone; ${RIGHT}`,
    );
  }
  const files = new Map(model.listed.map((file) => [file.path, file]));
  const configFile = files.get(CONFIG_FILE);
  if (configFile === undefined)
    throw (await import('../huggingface/no_config.js')).noConfig(source, model.listed);
  const read = (file: SourceFile | undefined) => named(source, file, signal);
  const config = (await read(configFile))!;
  const generation = await read(files.get(GENERATION_FILE));
  const preprocessor = await read(files.get(PREPROCESSOR_FILE));
  const parsed = parseCaptionerConfig(config, generation);

  const { source: weights, tensors: stored } = await format.tensors(model, signal);
  const decoder = await matchGpt2(source.name, parsed.decoder, stored.filter(isDecoders), asDecoder);
  const tensors = await matchEncoder(source.name, parsed.encoder, stored);
  const json: ConfigFiles = { config: config.json, ...(generation && { generation: generation.json }) };
  return {
    encoder: { config: parsed.encoder, tensors, totalBytes: byteLengthOf(tensors) },
    decoder: { source: weights, config: parsed.decoder, ...decoder, notes: [], json },
    startTokenId: parsed.startTokenId,
    preprocessor: preprocessor?.json,
  };
}

/** The tensor of each parameter of the encoder; some are stored with more dimensions than they have here. */
async function matchEncoder(source: string, config: EncoderConfig, stored: readonly StoredTensor[]) {
  const parameters = encoderParameters(config);
  const matched = await matchTensors(
    parameters.map(({ name, kind, shape, storedShape = shape }) => ({ name, kind, shape: storedShape })),
    stored.filter((tensor) => !isDecoders(tensor)),
    storedEncoder(source, config),
  );
  return new Map(
    parameters.map((parameter) => [parameter.name, { ...matched.get(parameter.name)!, parameter }]),
  );
}

const RIGHT = `a captioner is a folder with ${CONFIG_FILE}, the weights of both models and ${PREPROCESSOR_FILE}`;

/** A JSON file with its name in messages; undefined if there is none. Throws `invalid-file`. */
async function named(source: ModelSource, file: SourceFile | undefined, signal: AbortSignal | undefined) {
  if (file === undefined) return undefined;
  const where = `${file.path} of ${source.name}`;
  const json = await readJson(source, file, signal);
  if (!isJsonObject(json)) throw new Gpt2Error('invalid-file', `${where} must hold a JSON object`);
  return { json, where };
}
