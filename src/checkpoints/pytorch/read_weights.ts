import { Gpt2Error } from '../../base/errors.js';
import { described, PickleObject } from '../../files/pickle/values.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { FoundModel } from '../format.js';
import { readShards } from '../huggingface/shards.js';
import { INDEX_FILE } from './file_names.js';
import { findWeights, type StateDict } from './find_weights.js';
import { readTorchFile, type TorchFile } from './torch_file.js';
import { TorchTensor } from './torch_values.js';

/** A value of a state dict under the name that it has there. */
export interface Entry {
  readonly name: string;
  readonly value: TorchTensor | PickleObject;
  readonly file: TorchFile;
}

/** The weights of a model as its files name them. */
export interface TorchWeights {
  readonly entries: readonly Entry[];
  /** The whole value of the only file. */
  readonly saved: unknown;
  readonly notes: readonly string[];
}

/**
 * Reads the list of the weights in a file, or in the shards that an index names. Throws as `openCheckpoint`.
 */
export async function readTorchWeights(
  { source, listed, file }: FoundModel,
  signal: AbortSignal | undefined,
): Promise<TorchWeights> {
  if (file.path !== INDEX_FILE) return readWhole(source, file, signal);
  const files = new Map(listed.map((file) => [file.path, file]));
  const entries = await readShards(source, file, files, (shard) => readShard(source, shard, signal), signal);
  return { entries, saved: undefined, notes: [] };
}

async function readWhole(
  source: ModelSource,
  file: SourceFile,
  signal: AbortSignal | undefined,
): Promise<TorchWeights> {
  const read = await readTorchFile(source, file, signal);
  const where = `${file.path} of ${source.name}`;
  const found = findWeights(read.value, where);
  if (found === undefined) throw noWeights(read.value, where);
  const { weights, path, others } = found;
  const notes =
    others.length === 0 ? [] : [`${where} also has a model as ${others.join(', ')}; that of ${path} is read`];
  return { entries: entriesOf(weights, read), saved: read.value, notes };
}

/**
 * The tensors of a file whose value is a dictionary of them: a shard, or an adapter. Throws `invalid-file`.
 */
export async function readShard(
  source: ModelSource,
  file: SourceFile,
  signal: AbortSignal | undefined,
): Promise<Entry[]> {
  const read = await readTorchFile(source, file, signal);
  const entries = read.value instanceof Map ? entriesOf(read.value, read) : [];
  if (entries.length > 0) return entries;
  throw noWeights(read.value, `${file.path} of ${source.name}`);
}

function entriesOf(weights: StateDict, file: TorchFile): Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of weights) {
    if (typeof name !== 'string') continue;
    if (value instanceof TorchTensor || value instanceof PickleObject) entries.push({ name, value, file });
  }
  return entries;
}

function noWeights(value: unknown, where: string): Gpt2Error {
  const keys = value instanceof Map ? [...value.keys()].slice(0, 5).map(described) : [];
  const has =
    value instanceof PickleObject
      ? described(value)
      : keys.length > 0
        ? `entries such as ${keys.join(', ')}`
        : 'no dictionary of tensors';
  return new Gpt2Error(
    'invalid-file',
    `${where} holds no weights of GPT-2 (no tensor wte.weight): it has ${has}; save them with ` +
      'torch.save(model.state_dict(), "pytorch_model.bin")',
  );
}
