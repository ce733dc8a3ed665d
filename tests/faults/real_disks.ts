import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { problemOfFailure, problemOfRest } from './disk_errors.js';
import type { Case, KindOptions } from './kinds.js';
import type { Started } from './process.js';
import { differences, type Tree, treeOf } from './tree.js';
import { startCase, type Undisturbed } from './undisturbed.js';

const PAGE = 4096;
/** Sizes of full disks that are drawn for a command. */
const SIZES = 3;

/** Disks in memory that become full or are read-only. Only the superuser may mount them. */
export function* realDisks(run: Undisturbed, { random }: KindOptions): Generator<Case> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('mounts: skipped, since this user may not mount disks');
    return;
  }
  const [before, whole] = [bytesOf(run.before), bytesOf(run.whole)];
  for (let i = 0; i < SIZES; i++) {
    const size = before + Math.ceil((random() * whole) / PAGE) * PAGE;
    yield { when: `${run.name}, on a disk of ${size} bytes`, run: () => onFullDisk(run, size) };
  }
  yield { when: `${run.name}, on a read-only disk`, run: () => onReadOnlyDisk(run) };
}

/** Bytes that files take on a disk. */
const bytesOf = (files: Tree): number =>
  [...files.values()].reduce((sum, { length }) => sum + PAGE * (1 + Math.ceil(length / PAGE)), PAGE);

function onFullDisk(run: Undisturbed, size: number): Promise<string | undefined> {
  return onDisk(run, size, async (cwd, remount, work) => {
    const problem = problemOfFailure(run, cwd, await work(), 'ENOSPC');
    remount('size=100%');
    return problem ?? problemOfRest(run, cwd);
  });
}

function onReadOnlyDisk(run: Undisturbed): Promise<string | undefined> {
  return onDisk(run, '100%', async (cwd, remount, work) => {
    remount('ro');
    const problem = problemOfFailure(run, cwd, await work(), 'EROFS');
    if (problem !== undefined) return problem;
    const changed = differences(treeOf(cwd), run.before);
    return changed.length > 0 ? `${changed.join(', ')} has changed` : undefined;
  });
}

/** Mounts a disk, and gives the folder, a function that mounts it with other options, and one that runs the command. */
async function onDisk(
  run: Undisturbed,
  size: number | string,
  use: (
    cwd: string,
    remount: (options: string) => void,
    work: () => Started['end'],
  ) => Promise<string | undefined>,
): Promise<string | undefined> {
  const cwd = run.world.newCase();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', cwd]);
  try {
    cpSync(run.start, cwd, { recursive: true, verbatimSymlinks: true });
    const remount = (options: string) => void execFileSync('mount', ['-o', `remount,${options}`, cwd]);
    return await use(cwd, remount, () => startCase(run, { cwd }).end);
  } finally {
    execFileSync('umount', ['-l', cwd]);
  }
}
