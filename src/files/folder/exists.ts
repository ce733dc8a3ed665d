// Only in the build for runtimes with Node's modules.
import { lstat, stat } from 'node:fs/promises';

const settled = (found: Promise<unknown>): Promise<boolean> =>
  found.then(
    () => true,
    () => false,
  );

/** Whether a path leads to a file or folder. */
export const exists = (path: string): Promise<boolean> => settled(stat(path));

/** Whether there is anything at a path. True for a link to nowhere too: no folder can replace it. */
export const isTaken = (path: string): Promise<boolean> => settled(lstat(path));
