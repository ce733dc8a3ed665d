// Only in the build for runtimes with Node's modules.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { isTaken } from './exists.js';
import { isOwnUnfinished, isUnfinished } from './leftovers.js';
import { writeFile } from './write_file.js';

/** Files of a folder that are replaced one after the other. */
interface Replacement {
  /** Files that are moved from the temporary folder. */
  readonly written: readonly string[];
  /** Files that are removed afterwards. */
  readonly removed: readonly string[];
}

/** File of a temporary folder that lists what is replaced. */
const LIST = '.replacement.json';

/** Notes in a temporary folder that its files are about to replace others. `name`: the folder in messages. */
export async function beginReplacement(stage: string, replacement: Replacement, name: string): Promise<void> {
  await writeFile(join(stage, LIST), [new TextEncoder().encode(JSON.stringify(replacement))], name);
}

/** Whether some of the files that a temporary folder in `root` is to replace are replaced, and not all. */
export async function isHalfDone(stage: string, root: string): Promise<boolean> {
  const replacement = await listIn(stage);
  if (replacement === undefined) return false;
  const { written, removed } = replacement;
  const waiting = await present(stage, written);
  if (waiting > 0) return waiting < written.length;
  return (await present(root, removed)) > 0;
}

/** Throws `invalid-file` for a folder with new files beside old ones. `names`: the names in it. */
export async function checkReplaced(root: string, names: readonly string[]): Promise<void> {
  const stage = await halfDoneIn(root, names);
  if (stage === undefined) return;
  const advice = `run the command again, or move the files in ${stage} here and delete it`;
  throw new Gpt2Error(
    'invalid-file',
    `${root} has new files beside old ones: replacing them was ended or failed; ${advice}`,
  );
}

/** Whether a folder has new files beside old ones. */
export async function isMixed(root: string): Promise<boolean> {
  const names = await readdir(root).catch(() => []);
  return (await halfDoneIn(root, names)) !== undefined;
}

/** Path of the first temporary folder in `root` whose files have replaced some others, and not all. */
async function halfDoneIn(root: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names.filter(isUnfinished)) {
    const stage = join(root, name);
    if (await isHalfDone(stage, root)) return stage;
  }
  return undefined;
}

/** Removes the temporary folders of this process whose replacements failed, once another one has replaced all files. */
export async function removeFailed(root: string): Promise<void> {
  for (const name of (await readdir(root)).filter(isOwnUnfinished)) {
    const stage = join(root, name);
    if (await isHalfDone(stage, root)) await rm(stage, { recursive: true, force: true });
  }
}

/** `undefined` if nothing was replaced yet. */
async function listIn(stage: string): Promise<Replacement | undefined> {
  try {
    return JSON.parse(await readFile(join(stage, LIST), 'utf8'));
  } catch {
    return undefined;
  }
}

/** How many of these files are in a folder. */
async function present(folder: string, files: readonly string[]): Promise<number> {
  const found = await Promise.all(files.map((file) => isTaken(join(folder, file))));
  return found.filter(Boolean).length;
}
