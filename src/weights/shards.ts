import { Gpt2Error } from '../errors.js';
import { INDEX_FILE, SINGLE_FILE } from './file_names.js';
import { isJsonObject } from './json.js';
import { readJson } from './read.js';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.js';
import { isInside, type ModelSource, type SourceFile } from './source.js';

/**
 * Every tensor of the checkpoint in `files`, the source's list by path: of `model.safetensors`, or of the shards
 * that `model.safetensors.index.json` names where that file is not there. A name can occur in several shards.
 */
export async function readTensorList(
  source: ModelSource,
  files: ReadonlyMap<string, SourceFile>,
  signal?: AbortSignal,
): Promise<StoredTensor[]> {
  const single = files.get(SINGLE_FILE);
  if (single !== undefined) return readSafetensorsHeader(source, single, signal);
  const index = files.get(INDEX_FILE);
  if (index === undefined) {
    const { noModel } = await import('./no_model.js');
    throw await noModel(source, [...files.values()], signal);
  }

  const tensors: StoredTensor[] = [];
  const shards = readWeightMap(await readJson(source, index, signal), `${INDEX_FILE} of ${source.name}`);
  for (const [path, names] of shards) {
    const shard = files.get(path);
    if (shard === undefined) {
      throw new Gpt2Error(
        'not-found',
        `${source.name} has no file ${path}, the shard that ${INDEX_FILE} names for ${names[0]}; ` +
          'all shards must be there',
      );
    }
    const stored = await readSafetensorsHeader(source, shard, signal);
    const present = new Set(stored.map((tensor) => tensor.name));
    const absent = names.find((name) => !present.has(name));
    if (absent !== undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${path} of ${source.name} has no tensor ${JSON.stringify(absent)}, which ${INDEX_FILE} says it holds`,
      );
    }
    tensors.push(...stored);
  }
  return tensors;
}

/** Most shards: GPT-2 XL in parts of 10 MB has fewer, and each is asked for. */
const MAX_SHARDS = 1024;

/** Tensor names by the shard that holds them. Throws `invalid-file`. */
export function readWeightMap(json: unknown, where: string): Map<string, string[]> {
  const map = isJsonObject(json) ? json.weight_map : undefined;
  if (!isJsonObject(map)) {
    throw new Gpt2Error('invalid-file', `${where} must have an object weight_map from tensor names to files`);
  }
  const shards = new Map<string, string[]>();
  for (const [name, path] of Object.entries(map)) {
    if (typeof path !== 'string' || !isInside(path)) {
      throw new Gpt2Error(
        'invalid-file',
        `${where} puts tensor ${JSON.stringify(name)} in ${JSON.stringify(path)}; ` +
          'it must name a file beside it, such as "model-00001-of-00002.safetensors"',
      );
    }
    const names = shards.get(path);
    if (names === undefined) shards.set(path, [name]);
    else names.push(name);
  }
  if (shards.size > MAX_SHARDS) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} names ${shards.size} files; at most ${MAX_SHARDS} are read`,
    );
  }
  return shards;
}
