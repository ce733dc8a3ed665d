// Only in the build for runtimes with Node's modules.
import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A model that the cache has, whole or in part. */
export interface CachedModel {
  readonly id: string;
  /** Its folder. */
  readonly path: string;
  /** Bytes that deleting it frees. */
  readonly byteLength: number;
  /** Names of branches and tags, and the commits without a name. */
  readonly revisions: readonly string[];
}

const PREFIX = 'models--';

/**
 * The models in a cache, in the order of their ids, whatever tool cached them; none if the cache is absent.
 */
export async function cachedModels(cacheFolder: string): Promise<CachedModel[]> {
  const models: CachedModel[] = [];
  for (const name of await namesIn(cacheFolder)) {
    const path = join(cacheFolder, name);
    if (!name.startsWith(PREFIX) || !(await lstat(path)).isDirectory()) continue;
    models.push({
      id: name.slice(PREFIX.length).replace('--', '/'),
      path,
      byteLength: await bytesBelow(path),
      revisions: await revisionsOf(path),
    });
  }
  return models;
}

/** Deletes a model with all its revisions, and its lock files of other tools. */
export async function deleteCachedModel({ path }: CachedModel): Promise<void> {
  const locks = join(dirname(path), '.locks', path.slice(dirname(path).length + 1));
  for (const folder of [path, locks]) await rm(folder, { recursive: true, force: true });
}

async function revisionsOf(path: string): Promise<string[]> {
  const commits = new Set(await namesIn(join(path, 'snapshots')));
  const refs: string[] = [];
  const visit = async (folder: string, prefix: string): Promise<void> => {
    for (const name of await namesIn(folder)) {
      const ref = join(folder, name);
      if ((await lstat(ref)).isDirectory()) {
        await visit(ref, `${prefix}${name}/`);
        continue;
      }
      if (commits.delete((await readFile(ref, 'utf8')).trim())) refs.push(`${prefix}${name}`);
    }
  };
  await visit(join(path, 'refs'), '');
  return [...refs, ...commits];
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await namesIn(folder)) {
    const found = await lstat(join(folder, name));
    if (found.isDirectory()) bytes += await bytesBelow(join(folder, name));
    else if (found.isFile()) bytes += found.size;
  }
  return bytes;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}
