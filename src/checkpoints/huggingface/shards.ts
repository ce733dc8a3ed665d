import { Gpt2Error } from '../../base/errors.js';
import { readSmall } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { readWeightMap } from './weight_map.js';

/**
 * Every tensor of the shards that an index names, each as `read` gives it; `files`: all files of the source
 * by path. Two shards may hold tensors of the same name.
 */
export async function readShards<T extends { readonly name: string }>(
  source: ModelSource,
  index: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  read: (shard: SourceFile) => Promise<readonly T[]>,
  signal?: AbortSignal,
): Promise<T[]> {
  const tensors: T[] = [];
  const shards = readWeightMap(await readSmall(source, index, signal), `${index.path} of ${source.name}`);
  for (const [path, names] of shards) {
    const shard = files.get(path);
    if (shard === undefined) {
      throw new Gpt2Error(
        'not-found',
        `${source.name} has no file ${path}, the shard that ${index.path} names for ${names[0]}; ` +
          'all shards must be there',
      );
    }
    const stored = await read(shard);
    const present = new Set(stored.map((tensor) => tensor.name));
    const absent = names.find((name) => !present.has(name));
    if (absent !== undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${path} of ${source.name} has no tensor ${JSON.stringify(absent)}, which ${index.path} says it holds`,
      );
    }
    for (const tensor of stored) tensors.push(tensor);
  }
  return tensors;
}
