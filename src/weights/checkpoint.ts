import { type ModelConfig, parseConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import { CONFIG_FILE } from './file_names.js';
import { openGguf } from './gguf/checkpoint.js';
import { findGguf } from './gguf/find.js';
import type { GgufHeader } from './gguf/header.js';
import type { TensorType } from './gguf/types.js';
import { canonicalName, isIgnored, layerOf } from './names.js';
import { readJson } from './read.js';
import type { StoredTensor } from './safetensors.js';
import { readTensorList } from './shards.js';
import { type Dtype, type WeightSlot, weightSlots } from './slots.js';
import type { ModelSource } from './source.js';

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
  if (gguf !== undefined) return openGguf(source, gguf, signal);
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
  const config = parseConfig(await readJson(source, configFile, signal), `${CONFIG_FILE} of ${source.name}`);

  const slots = weightSlots(config);
  const byName = nameTensors(stored, source);
  if (config.tiedHead) useTiedHead(byName);
  refuseUnknownTensors(byName, slots, config, source);
  const tensors = new Map(slots.map((slot) => [slot.name, findWeight(slot, byName, config, source)]));
  let totalBytes = 0;
  for (const { start, end } of tensors.values()) totalBytes += end - start;
  return { source, config, tensors, totalBytes };
}

/** Paths of the files that hold the weights. */
export function weightFiles({ tensors }: Checkpoint): string[] {
  return [...new Set(Array.from(tensors.values(), ({ file }) => file))];
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
 * A tied head is the token embedding whatever else is stored, as in Hugging Face. Where only the head is there it
 * stands for both: safetensors' `save_model` keeps one of two tied names, and of these it is the head's.
 */
function useTiedHead(byName: Map<string, StoredTensor>): void {
  const head = byName.get('lm_head.weight');
  if (head !== undefined && !byName.has('wte.weight')) byName.set('wte.weight', head);
  byName.delete('lm_head.weight');
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
