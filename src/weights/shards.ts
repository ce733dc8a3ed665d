import { Gpt2Error } from '../errors.js';
import { readJson } from './read.js';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.js';
import { isInside, type ModelSource, type SourceFile } from './source.js';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';
/** Weights of other formats that model folders hold. */
const OTHER_FORMATS = /\.(?:bin|pt|pth|ckpt|h5|msgpack|onnx|ot)$|^pytorch_model\.bin\.index\.json$/;

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
  if (index === undefined) throw noWeights(source, files);

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

/** Tensor names by the shard that holds them. */
function readWeightMap(json: unknown, where: string): Map<string, string[]> {
  const map =
    typeof json === 'object' && json !== null ? (json as { weight_map?: unknown }).weight_map : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
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
  return shards;
}

function noWeights(source: ModelSource, files: ReadonlyMap<string, SourceFile>): Gpt2Error {
  const paths = [...files.keys()];
  const other = paths.find((path) => OTHER_FORMATS.test(path));
  if (other !== undefined) {
    return new Gpt2Error(
      'unsupported',
      `${source.name} has no ${SINGLE_FILE}, only ${other}, which is not read; save the model again as ` +
        'safetensors, in Python with model.save_pretrained(folder, safe_serialization=True)',
    );
  }
  const named = paths.find((path) => path.endsWith('.safetensors'));
  const advice =
    named === undefined
      ? `a model needs config.json and ${SINGLE_FILE}`
      : `${named} must be renamed to that to be read`;
  return new Gpt2Error('not-found', `${source.name} has neither ${SINGLE_FILE} nor ${INDEX_FILE}; ${advice}`);
}
