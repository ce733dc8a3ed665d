import { Gpt2Error } from '../../base/errors.js';
import { readSmall } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { readSafetensorsHeader } from '../safetensors/read.js';
import type { StoredTensor } from '../stored_tensor.js';
import { INDEX_FILE } from './file_names.js';
import { readWeightMap } from './weight_map.js';

/**
 * Every tensor of the shards that an index names; `files`: all files of the source by path. Two shards may
 * hold tensors of the same name.
 */
export async function readShards(
  source: ModelSource,
  index: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  signal?: AbortSignal,
): Promise<StoredTensor[]> {
  const tensors: StoredTensor[] = [];
  const shards = readWeightMap(await readSmall(source, index, signal), `${INDEX_FILE} of ${source.name}`);
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
    for (const tensor of stored) tensors.push(tensor);
  }
  return tensors;
}
