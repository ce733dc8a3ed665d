import { parseConfig } from '../../architecture/gpt2/config.js';
import { show } from '../../architecture/gpt2/config_values.js';
import { modelParameters } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject } from '../../files/json_object.js';
import { readJson, readSmall } from '../../files/read_json.js';
import type { SourceFile } from '../../files/source.js';
import type { Checkpoint } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { byteLengthOf, matchTensors } from '../match.js';
import { readBundle } from './bundle.js';
import { CHECKPOINT_FILE, INDEX_EXTENSION, SIZES_FILE } from './file_names.js';
import { tensorflowModel } from './names.js';
import { newestIndex } from './newest.js';

/** Largest index, which is held in memory; that of GPT-2 XL with an optimizer has some hundred kilobytes. */
const MOST_INDEX_BYTES = 2 ** 24;

/** Fields of hparams.json, and those of config.json that say the same. */
const SIZES: Readonly<Record<string, string>> = {
  n_vocab: 'vocab_size',
  n_ctx: 'n_positions',
  n_embd: 'n_embd',
  n_head: 'n_head',
  n_layer: 'n_layer',
};

/**
 * Reads the sizes and the index of a checkpoint of TensorFlow, and finds every weight of GPT-2 in it: what an
 * optimizer keeps beside them is ignored. Throws as `openCheckpoint` does.
 */
export async function openTensorflow(model: FoundModel, signal?: AbortSignal): Promise<Checkpoint> {
  const { source, listed } = model;
  const index = await indexOf(model, signal);
  const where = `${index.path} of ${source.name}`;
  const bytes = await readSmall(source, index, signal, MOST_INDEX_BYTES);
  const stored = readBundle(bytes, index.path.slice(0, -INDEX_EXTENSION.length), listed, where);
  const config = await readSizes(model, signal);
  const names = tensorflowModel(source.name, config);
  const sliced = stored.find(({ name, isSliced }) => isSliced && names.canonicalName(name) !== undefined);
  if (sliced !== undefined) {
    throw new Gpt2Error(
      'unsupported',
      `${where} has ${JSON.stringify(sliced.name)} in slices, which are not read; save the variables whole`,
    );
  }
  const tensors = await matchTensors(modelParameters(config), stored, names);
  const present = new Set(listed.map(({ path }) => path));
  const absent = [...tensors.values()].find(({ file }) => !present.has(file));
  if (absent !== undefined) {
    throw new Gpt2Error(
      'not-found',
      `${source.name} has no file ${absent.file}, which by ${index.path} holds ${absent.name}; give the folder of ` +
        'all files of the model',
    );
  }
  return {
    source,
    config,
    tensors,
    totalBytes: byteLengthOf(tensors),
    notes: [],
    json: {},
    format: 'TensorFlow',
  };
}

/** The index that was found, or that of the newest checkpoint. */
async function indexOf(
  { source, listed, file }: FoundModel,
  signal: AbortSignal | undefined,
): Promise<SourceFile> {
  if (file.path !== CHECKPOINT_FILE) return file;
  const path = newestIndex(
    await readSmall(source, file, signal, MOST_INDEX_BYTES),
    `${file.path} of ${source.name}`,
  );
  const index = listed.find((other) => other.path === path);
  if (index !== undefined) return index;
  throw new Gpt2Error(
    'not-found',
    `${source.name} has no file ${path}, the newest by its file ${CHECKPOINT_FILE}`,
  );
}

async function readSizes({ source, listed }: FoundModel, signal: AbortSignal | undefined) {
  const file = listed.find(({ path }) => path === SIZES_FILE);
  if (file === undefined) {
    throw new Gpt2Error(
      'not-found',
      `${source.name} has no ${SIZES_FILE}, which describes the model: {"n_vocab": 50257, "n_ctx": 1024, ` +
        '"n_embd": 768, "n_head": 12, "n_layer": 12} for the smallest of OpenAI',
    );
  }
  const where = `${SIZES_FILE} of ${source.name}`;
  const json = await readJson(source, file, signal);
  const fields: Record<string, unknown> = { model_type: 'gpt2' };
  for (const [name, field] of Object.entries(SIZES)) {
    const value = isJsonObject(json) ? json[name] : undefined;
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new Gpt2Error(
        'invalid-file',
        `${where}: ${name} is ${show(value)}; it must be a whole number from 1`,
      );
    }
    fields[field] = value;
  }
  return parseConfig(fields, where);
}
