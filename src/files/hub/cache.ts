// Only in the build for runtimes with Node's modules.
import { readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { removeLeftoversBelow, unfinishedName } from '../folder/leftovers.js';
import { makeFolder } from '../folder/make_folder.js';
import { kindOf } from './hub_url.js';
import { importHub } from './package.js';
import type { HubFile } from './repository.js';

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The folder of one model or data set in the cache that all tools of the hub share:
 *
 *     models--owner--name/
 *       refs/main                       the commit that a branch or tag was when it was last looked up
 *       blobs/<hash>                    the bytes of a file, named by their hash
 *       snapshots/<commit>/<path>       symbolic links to blobs
 *
 * https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
export class ModelCache {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The folder may be absent. */
  static async of(cacheFolder: string, repo: string): Promise<ModelCache> {
    const { getRepoFolderName } = await importHub();
    return new ModelCache(join(cacheFolder, getRepoFolderName(kindOf(repo))));
  }

  /** Path of the folder with the files of a commit. */
  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  get blobs(): string {
    return join(this.folder, 'blobs');
  }

  blob({ hash }: HubFile): string {
    return join(this.blobs, hash.hex);
  }

  /** Whether the cache has a file of a commit. Its bytes were checked when it was cached. */
  async has(commit: string, { path, byteLength }: HubFile): Promise<boolean> {
    return (await sizeOf(join(this.snapshot(commit), path))) === byteLength;
  }

  /**
   * The commit that a revision was when it was last looked up; `undefined` if the cache has no files of it.
   */
  async commitOf(revision: string): Promise<string | undefined> {
    const commit = COMMIT.test(revision) ? revision : await this.#ref(revision);
    if (commit === undefined || (await sizeOf(this.snapshot(commit))) === undefined) return undefined;
    return commit;
  }

  /** Links the blob of a file, which must be cached, into the folder of a commit. */
  async link(commit: string, file: HubFile): Promise<void> {
    const path = join(this.snapshot(commit), file.path);
    const target = relative(dirname(path), this.blob(file));
    await replace(path, async (beside) => {
      try {
        await symlink(target, beside);
      } catch (error) {
        // Windows may forbid links: the file is then moved there, as the hub's own tools do.
        if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
        await rename(this.blob(file), beside);
      }
    });
  }

  /** Writes which commit a revision is; with `onlyFirst` only if no commit is known yet. */
  async setRef(revision: string, commit: string, { onlyFirst }: { onlyFirst: boolean }): Promise<void> {
    if (COMMIT.test(revision)) return;
    const known = await this.#ref(revision);
    if (known === commit || (known !== undefined && onlyFirst)) return;
    await replace(this.#refPath(revision), (beside) => writeFile(beside, commit));
  }

  /** Removes the unfinished links and references of processes that have ended. */
  async removeLeftovers(): Promise<void> {
    for (const name of ['refs', 'snapshots']) await removeLeftoversBelow(join(this.folder, name));
  }

  async #ref(revision: string): Promise<string | undefined> {
    try {
      const commit = (await readFile(this.#refPath(revision), 'utf8')).trim();
      return COMMIT.test(commit) ? commit : undefined;
    } catch {
      return undefined;
    }
  }

  #refPath(revision: string): string {
    return join(this.folder, 'refs', revision);
  }
}

/** Puts what `write` writes beside a path in its place at once. Throws the file system's errors. */
async function replace(path: string, write: (beside: string) => Promise<void>): Promise<void> {
  await makeFolder(dirname(path));
  const beside = unfinishedName(path);
  await write(beside);
  await rename(beside, path);
}

/** Bytes of a file, through symbolic links; `undefined` if it is absent. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}
