// Only in the build for runtimes with Node's modules.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Suffix of an unfinished file or folder, which is renamed once complete: process id and random number. */
const SUFFIX = /\.(\d+)-[0-9a-f]{8}\.unfinished$/;

/** A new name beside a path, to write to before renaming to the path. */
export function unfinishedName(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}.unfinished`;
}

/**
 * The final name of a leftover, `undefined` if a name is not that of a leftover of a process that has ended.
 */
export function leftoverOf(name: string): string | undefined {
  const found = SUFFIX.exec(name);
  return found === null || isAlive(Number(found[1])) ? undefined : name.slice(0, found.index);
}

/** Whether a name is that of an unfinished file or folder, whether or not its process has ended. */
export const isUnfinished = (name: string): boolean => SUFFIX.test(name);

/** Whether a name is that of an unfinished file or folder of this process. */
export const isOwnUnfinished = (name: string): boolean => Number(SUFFIX.exec(name)?.[1]) === process.pid;

/** Removes the unfinished files and folders of a path that ended processes have left, but for those to keep. */
export async function removeLeftovers(
  path: string,
  isKept: (leftover: string) => Promise<boolean> = async () => false,
): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch(() => [])) {
    const leftover = join(folder, name);
    if (leftoverOf(name) === basename(path) && !(await isKept(leftover))) await removeQuietly(leftover);
  }
}

/** Removes what processes that have ended left unfinished anywhere below a folder. */
export async function removeLeftoversBelow(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (leftoverOf(entry.name) !== undefined) await removeQuietly(path);
    else if (entry.isDirectory()) await removeLeftoversBelow(path);
  }
}

/** Ignores errors: another process may be removing the same, or the folder may be read-only. */
async function removeQuietly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
