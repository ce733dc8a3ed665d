import { join } from 'node:path';
import { loadModel } from '../../src/index.js';
import { startCommand } from './process.js';
import { differences, type Tree, treeOf } from './tree.js';
import type { Undisturbed } from './undisturbed.js';

/** Files that a killed process may leave, until the next one ends: unfinished ones, answers of a batch, training states. */
const LEFT = /\.unfinished(\/|$)|\.replacing(\/|$)|\.part$|\.incomplete$|(^|\/)checkpoints\//;

/**
 * Checks a folder in which a command was killed: all files are whole, old or new; the command that a person then gives
 * ends with the files of an undisturbed run, and leaves no other. Returns what is wrong.
 */
export async function problemAfterKill(run: Undisturbed, cwd: string): Promise<string | undefined> {
  const { before, whole } = run;
  const tree = treeOf(cwd);
  const damaged = damagedFiles(tree, before, whole);
  if (damaged.length > 0) return `${damaged.join(', ')} is lost or not whole`;
  const mixed = await problemOfMixture(run, cwd, tree);
  if (mixed !== undefined) return mixed;
  if (differences(tree, whole).length === 0) return undefined;
  return problemOfNext(run, cwd);
}

/** Checks that the next command ends as an undisturbed run, or says that all was done already. */
export async function problemOfNext(
  { scenario, world, whole }: Undisturbed,
  cwd: string,
): Promise<string | undefined> {
  const args = (scenario.again ?? scenario.args)(world);
  const env = scenario.env?.(cwd, world);
  const { code, stderr } = await startCommand(args, { cwd, env, input: scenario.input }).end;
  const isDone = code === 2 && /already/.test(stderr) && differences(treeOf(cwd), whole).length === 0;
  if (code !== 0 && !isDone) return `the next command ends with ${code}: ${stderr.trim()}`;
  const differing = differences(treeOf(cwd), whole);
  return differing.length > 0 ? `after the next command ${differing.join(', ')} differs` : undefined;
}

/** Files that are neither those of before nor those of a whole run, nor such as a killed process may leave. */
export function damagedFiles(tree: Tree, before: Tree, whole: Tree): string[] {
  const isRight = (path: string) => {
    const content = tree.get(path);
    if (content === undefined) return !whole.has(path);
    return LEFT.test(path) || content === before.get(path) || content === whole.get(path);
  };
  return [...new Set([...tree.keys(), ...before.keys()])].filter((path) => !isRight(path));
}

/** A folder with files of two models must not open as a model. */
export async function problemOfMixture(
  { scenario: { replaced }, before, whole }: Undisturbed,
  cwd: string,
  tree: Tree,
): Promise<string | undefined> {
  if (replaced === undefined) return undefined;
  const own = (files: Tree) =>
    new Map([...files].filter(([path]) => path.startsWith(`${replaced}/`) && !LEFT.test(path)));
  const now = own(tree);
  const isOne = [before, whole].some((files) => differences(now, own(files)).length === 0);
  try {
    (await loadModel(join(cwd, replaced), { build: 'simd', threads: 1 })).dispose();
    return isOne ? undefined : 'a model of mixed files opens';
  } catch (error) {
    // Files that were replaced by equal ones count too.
    const isRight = !isOne || now.size === 0 || /new files beside old ones/.test((error as Error).message);
    return isRight ? undefined : `the model does not open: ${(error as Error).message}`;
  }
}
