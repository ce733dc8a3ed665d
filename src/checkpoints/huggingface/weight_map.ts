import { Gpt2Error } from '../../base/errors.js';
import { parseJson } from '../../files/json.js';
import { isJsonObject } from '../../files/json_object.js';
import { isInside } from '../../files/source.js';
import type { FoundFile } from '../../files/wanted_files.js';

/** Upper bound of the number of shards, each of which is requested; GPT-2 XL in parts of 10 MB has fewer. */
const MAX_SHARDS = 1024;

/** Names of tensors by the file that holds them, from the bytes of an index. Throws `invalid-file`. */
export function readWeightMap(bytes: Uint8Array, where: string): Map<string, string[]> {
  const json = parseJson(bytes, where);
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

/** The files that an index names; none if it is damaged, which the reader of the model reports. */
export async function shardsOf(index: FoundFile): Promise<readonly string[]> {
  try {
    return [...readWeightMap(await index.read(0, index.byteLength), 'the index').keys()];
  } catch {
    return [];
  }
}
