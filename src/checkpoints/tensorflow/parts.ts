import type { FoundFile } from '../../files/wanted_files.js';
import { shardCount, shardName } from './bundle.js';
import { CHECKPOINT_FILE, INDEX_EXTENSION } from './file_names.js';
import { newestIndex } from './newest.js';
import { tableEntries } from './table.js';

/** Most files that are requested: models of a billion parameters are in one. */
const MOST_SHARDS = 64;

/**
 * The files that belong to an index, or to the checkpoint that the file `checkpoint` names; none for a damaged
 * one, which the reader of the model reports.
 */
export async function filesOf(path: string, file: FoundFile): Promise<readonly string[]> {
  try {
    const bytes = await file.read(0, file.byteLength);
    if (path === CHECKPOINT_FILE) {
      const index = newestIndex(bytes, path);
      return [index, shardName(stemOf(index), 0, 1)];
    }
    const [, header] = tableEntries(bytes, path).next().value!;
    const count = Math.min(shardCount(header, path), MOST_SHARDS);
    return Array.from({ length: count }, (_, shard) => shardName(stemOf(path), shard, count));
  } catch {
    return [];
  }
}

function stemOf(index: string): string {
  return index.slice(0, -INDEX_EXTENSION.length);
}
