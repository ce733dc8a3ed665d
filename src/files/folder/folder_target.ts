// Only in the build for runtimes with Node's modules.
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ModelTarget } from '../target.js';
import { isTaken } from './exists.js';
import { removeLeftovers, unfinishedName } from './leftovers.js';
import { makeFolder } from './make_folder.js';
import { beginReplacement, isHalfDone, removeFailed } from './replacement.js';
import { orNotWritable, writeFile } from './write_file.js';

/**
 * A folder to write a model's files to; creates it and its parents if they are missing. Files are first
 * written to a temporary folder: a new folder appears complete, and in an existing one each file is replaced
 * at once; a folder that a killed process left with new files beside old ones is not read until they are all
 * replaced. Temporary folders of killed processes are removed. Throws `not-found` if the folder cannot be written.
 */
export function folderTarget(path: string): ModelTarget {
  const root = resolve(path);
  const written = new Set<string>();
  const removed = new Set<string>();
  const inside = join(root, '.part');
  let stage: string | undefined;

  /**
   * An existing folder may be a mount point, so its files are staged inside it; a new one is staged beside
   * its place.
   */
  const openStage = async (): Promise<string> => {
    if (stage !== undefined) return stage;
    await removeLeftovers(root);
    // A folder with files of two models is known by the temporary folder of the process that was replacing them.
    await removeLeftovers(inside, (leftover) => isHalfDone(leftover, root));
    const folder = unfinishedName((await isTaken(root)) ? inside : root);
    await makeFolder(folder);
    stage = folder;
    return folder;
  };
  const discard = async () => {
    // The next process that writes here removes what cannot be removed now.
    if (stage !== undefined && !(await isHalfDone(stage, root)))
      await rm(stage, { recursive: true, force: true }).catch(() => {});
    stage = undefined;
    written.clear();
    removed.clear();
  };
  return {
    name: path,
    async write(file, chunks) {
      const place = await orNotWritable(path, async () => {
        const stagedFile = join(await openStage(), file);
        await makeFolder(dirname(stagedFile));
        await rm(stagedFile, { force: true });
        return stagedFile;
      });
      await writeFile(place, chunks, path);
      written.add(file);
      removed.delete(file);
    },
    remove: async (file) => {
      removed.add(file);
    },
    commit: () =>
      orNotWritable(path, async () => {
        const folder = await openStage();
        if (await isTaken(root)) {
          await beginReplacement(folder, { written: [...written], removed: [...removed] }, path);
          for (const file of written) {
            await makeFolder(dirname(join(root, file)));
            await rename(join(folder, file), join(root, file));
          }
          for (const file of removed) await rm(join(root, file), { force: true });
          await removeLeftovers(inside);
          await removeFailed(root);
        } else {
          await rename(folder, root);
        }
        await discard();
      }),
    discard,
  };
}
