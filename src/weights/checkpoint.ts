import { type ModelConfig, parseConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import { withGenerationConfig } from '../generation_config.js';
import { CONFIG_FILE, GENERATION_FILE } from './file_names.js';
import { findGguf } from './gguf/find.js';
import type { GgufHeader } from './gguf/header.js';
import type { TensorType } from './gguf/types.js';
import type { JsonObject } from './json.js';
import { canonicalName, isIgnored, layerOf } from './names.js';
import { readJson } from './read.js';
import type { StoredTensor } from './safetensors.js';
import { readTensorList } from './shards.js';
import { type Dtype, type WeightSlot, weightSlots } from './slots.js';
import type { DownloadOptions, ModelSource, SourceFile } from './source.js';

const EMBEDDING = 'wte.weight';
const HEAD = 'lm_head.weight';
const DTYPES: readonly string[] = ['F32', 'F16', 'BF16'] satisfies Dtype[];

/** Where a weight is stored, and how; its bytes are `start` (inclusive) to `end` (exclusive) of `file`. */
export interface WeightTensor {
  /** As the file names it. */
  readonly name: string;
  readonly file: string;
  readonly dtype: TensorType;
  /** The slot it fills, with the kind and the shape of the stored rows. */
  readonly slot: WeightSlot;
  readonly start: number;
  readonly end: number;
}

/** A model's files, checked against its config; no weight has been read yet. */
export interface Checkpoint {
  readonly source: ModelSource;
  readonly config: ModelConfig;
  /** Where each weight of `weightSlots(config)` is stored, by the slot's name. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Bytes of all `tensors`, which loading reads. */
  readonly totalBytes: number;
  /** The header that this was read from, where the model is a GGUF file. */
  readonly gguf?: GgufHeader;
  /**
   * A head that is stored beside the embedding to which the config ties it. It is not among `tensors`, and whether it
   * counts is for `settleHead` to say.
   */
  readonly storedHead?: WeightTensor | undefined;
  /** What a user may want to know of the files besides `configNotes`, a sentence each. */
  readonly notes: readonly string[];
  /** The JSON of config.json and of generation_config.json, for whoever writes them again; none of a GGUF file. */
  readonly json: ConfigFiles;
}

/** Objects, as they are in the files. */
export interface ConfigFiles {
  readonly config?: JsonObject;
  readonly generation?: JsonObject;
}

/**
 * Reads the config and the headers of a Hugging Face checkpoint, or of a GGUF file where the source has one and
 * no safetensors, and finds every weight of the model in it.
 *
 * Throws `not-found` where a file is missing, `invalid-file` where one is damaged or contradicts another,
 * `unsupported` for weights or settings that cannot be computed with, and `aborted`.
 */
export async function openCheckpoint(source: ModelSource, signal?: AbortSignal): Promise<Checkpoint> {
  const listed = await source.list(signal);
  const gguf = await findGguf(source, listed, signal);
  if (gguf !== undefined) {
    const { openGguf } = await import('./gguf/reader.js');
    return openGguf(source, gguf, signal);
  }
  const files = new Map(listed.map((file) => [file.path, file]));
  const stored = await readTensorList(source, files, signal);
  const configFile = files.get(CONFIG_FILE);
  if (configFile === undefined) {
    const has =
      listed.length === 1
        ? `${listed[0]!.path} of ${source.name} was given alone, with`
        : `${source.name} has`;
    throw new Gpt2Error(
      'not-found',
      `${has} no ${CONFIG_FILE}, which describes the model; give the folder that holds all files of the model`,
    );
  }
  const { config, json, notes } = await readConfig(source, configFile, files.get(GENERATION_FILE), signal);

  const slots = weightSlots(config);
  const byName = nameTensors(stored, source);
  const storedHead = config.tiedHead ? takeTiedHead(byName, config, source) : undefined;
  refuseUnknownTensors(byName, slots, config, source);
  const tensors = new Map(slots.map((slot) => [slot.name, findWeight(slot, byName, config, source)]));
  let totalBytes = 0;
  for (const { start, end } of tensors.values()) totalBytes += end - start;
  return { source, config, tensors, totalBytes, storedHead, notes, json };
}

/** The config, with the tokens by which transformers generates, and what there is to say of its files. */
async function readConfig(
  source: ModelSource,
  configFile: SourceFile,
  generationFile: SourceFile | undefined,
  signal: AbortSignal | undefined,
) {
  const where = `${CONFIG_FILE} of ${source.name}`;
  const json = await readJson(source, configFile, signal);
  const own = parseConfig(json, where);
  const files: ConfigFiles = { config: json as JsonObject };
  const notes: string[] = [];
  if (generationFile === undefined) return { config: own, json: files, notes };
  const generation = await readJson(source, generationFile, signal);
  const config = withGenerationConfig(own, generation, `${GENERATION_FILE} of ${source.name}`);
  const [ends, ownEnds] = [config, own].map(({ eosTokenIds }) => eosTokenIds.join(', '));
  if (ends !== ownEnds) {
    notes.push(
      `${GENERATION_FILE} of ${source.name} ends a text with token ${ends}, ${CONFIG_FILE} with ${ownEnds || 'none'}; ` +
        'the first counts, as in transformers',
    );
  }
  return { config, json: { ...files, generation: generation as JsonObject }, notes };
}

/**
 * A checkpoint whose config ties the head to the token embedding, and that stores a head all the same, with the head that
 * counts: the stored one if its numbers are others, as in transformers 5 (version 4 tied in any case). Any other checkpoint
 * is given back as it is. Weights are read for that, downloaded if the source keeps what it downloads; with `endsOnly` no
 * more than the beginnings and ends of the two.
 */
export async function settleHead(
  checkpoint: Checkpoint,
  { endsOnly = false, signal, onDownload }: DownloadOptions & { readonly endsOnly?: boolean } = {},
): Promise<Checkpoint> {
  const { storedHead, source } = checkpoint;
  if (storedHead === undefined) return checkpoint;
  if (!endsOnly) await source.download?.(weightFiles(checkpoint), { signal, onDownload });
  // Few checkpoints store both, so that its code comes only then.
  const { settleStoredHead } = await import('./stored_head.js');
  return settleStoredHead(checkpoint, storedHead, endsOnly, signal);
}

/** Paths of the files that hold the weights. */
export function weightFiles({ tensors, storedHead }: Checkpoint): string[] {
  const stored = [...tensors.values(), ...(storedHead === undefined ? [] : [storedHead])];
  return [...new Set(stored.map(({ file }) => file))];
}

/** The tensors of the language model by canonical name. */
function nameTensors(stored: readonly StoredTensor[], source: ModelSource): Map<string, StoredTensor> {
  const byName = new Map<string, StoredTensor>();
  for (const tensor of stored) {
    const name = canonicalName(tensor.name);
    if (isIgnored(name)) continue;
    const other = byName.get(name);
    if (other !== undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${source.name} stores ${name} twice: as ${JSON.stringify(other.name)} in ${other.file} and as ` +
          `${JSON.stringify(tensor.name)} in ${tensor.file}`,
      );
    }
    byName.set(name, tensor);
  }
  return byName;
}

/**
 * Takes the stored head out of the tensors of a model whose head is tied. It is returned if the embedding is stored too.
 * If only the head is, it stands for both: safetensors' `save_model` keeps one of two tied names, and of these it is the
 * head's.
 */
function takeTiedHead(
  byName: Map<string, StoredTensor>,
  config: ModelConfig,
  source: ModelSource,
): WeightTensor | undefined {
  const stored = byName.get(HEAD);
  if (stored === undefined) return undefined;
  const slot = weightSlots({ ...config, tiedHead: false }).find(({ name }) => name === HEAD)!;
  const head = byName.has(EMBEDDING) ? findWeight(slot, byName, config, source) : undefined;
  if (head === undefined) byName.set(EMBEDDING, stored);
  byName.delete(HEAD);
  return head;
}

/** A weight that is left out would silently change what the model computes. */
function refuseUnknownTensors(
  byName: ReadonlyMap<string, StoredTensor>,
  slots: readonly WeightSlot[],
  config: ModelConfig,
  source: ModelSource,
): void {
  const known = new Set(slots.map((slot) => slot.name));
  for (const [name, tensor] of byName) {
    if (known.has(name)) continue;
    const where = `${tensor.file} of ${source.name} has the tensor ${JSON.stringify(tensor.name)}`;
    if ((layerOf(name) ?? 0) >= config.layers) {
      throw new Gpt2Error('invalid-file', `${where}, but n_layer in ${CONFIG_FILE} is ${config.layers}`);
    }
    throw new Gpt2Error(
      'unsupported',
      `${where}, which is no part of GPT-2 and would change what it computes`,
    );
  }
}

function findWeight(
  slot: WeightSlot,
  byName: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
  source: ModelSource,
): WeightTensor {
  const tensor = byName.get(slot.name);
  if (tensor === undefined) {
    throw new Gpt2Error(
      'invalid-file',
      `${source.name} has no tensor "${slot.name}" of shape ${shapeText(slot.shape)}${reason(slot, byName, config)}`,
    );
  }
  const where = `tensor ${JSON.stringify(tensor.name)} in ${tensor.file} of ${source.name}`;
  if (tensor.shape.length !== slot.shape.length || tensor.shape.some((size, i) => size !== slot.shape[i])) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} has shape ${shapeText(tensor.shape)}, but by ${CONFIG_FILE} it must be ${shapeText(slot.shape)}`,
    );
  }
  if (!isReadable(tensor)) {
    throw new Gpt2Error(
      'unsupported',
      `${where} is stored as ${tensor.dtype}; ${DTYPES.join(', ')} are read`,
    );
  }
  const { name, file, dtype, start, end } = tensor;
  return { name, file, dtype, slot, start, end };
}

function isReadable(tensor: StoredTensor): tensor is StoredTensor & { dtype: Dtype } {
  return DTYPES.includes(tensor.dtype);
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Why a missing weight is asked for, where that is not plain. */
function reason(slot: WeightSlot, byName: ReadonlyMap<string, StoredTensor>, config: ModelConfig): string {
  if (slot.name === 'lm_head.weight') {
    return `; ${CONFIG_FILE} says tie_word_embeddings false, so that the head needs its own`;
  }
  if (layerOf(slot.name) === undefined) return '';
  const layers = new Set([...byName.keys()].map(layerOf).filter((layer) => layer !== undefined)).size;
  return `; n_layer in ${CONFIG_FILE} is ${config.layers}, and weights of ${layers} layers are stored`;
}
