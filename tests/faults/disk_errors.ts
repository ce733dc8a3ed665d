import { damagedFiles, problemOfMixture, problemOfNext } from './check_kill.js';
import { type FileCall, isChange } from './file_calls.js';
import type { Case } from './kinds.js';
import { differences, treeOf } from './tree.js';
import { startCase, type Undisturbed } from './undisturbed.js';

/** Errors that the system can give for a call. */
function errorsOf(call: FileCall): string[] {
  const { name } = call;
  const isFull = isChange(call) && !/^(rename|rm|unlink|truncate)$/.test(name);
  return [
    'EIO',
    ...(isFull ? ['ENOSPC'] : []),
    ...(isChange(call) ? ['EROFS'] : []),
    ...(/^open|readdir|readFile/.test(name) ? ['EMFILE'] : []),
    ...(/^open|readdir|readFile|stat|mkdir|rename|rm|symlink/.test(name) ? ['EACCES'] : []),
  ];
}

/** Errors of every call to the file system; a disk that is full stays full. */
export function* diskErrors(run: Undisturbed): Generator<Case> {
  for (const [index, call] of run.calls.entries()) {
    for (const code of errorsOf(call)) {
      yield {
        when: `${run.name}, ${code} at call ${index + 1}, ${call.name} ${call.path}`,
        run: () => problemAfterError(run, index, code),
      };
    }
  }
}

async function problemAfterError(run: Undisturbed, index: number, code: string): Promise<string | undefined> {
  const { cwd, end } = startCase(run, { fault: { under: run.world.folder, at: index + 1, action: code } });
  const outcome = await end;
  return (
    problemOfFailure(run, cwd, outcome, code, run.calls[index]!.name === 'rm') ?? problemOfRest(run, cwd)
  );
}

/**
 * Checks a folder in which a command may have failed with an error of the system. `mayLeave`: what is unfinished could
 * not be removed.
 */
export function problemOfFailure(
  { before, whole }: Undisturbed,
  cwd: string,
  outcome: Ended,
  error: string,
  mayLeave = false,
): string | undefined {
  const tree = treeOf(cwd);
  const left = [...tree.keys()].filter((path) => LEFT.test(path));
  if (outcome.code === 0) {
    // Only removing what nobody reads may fail.
    const differing = differences(tree, whole).filter((path) => !(mayLeave && left.includes(path)));
    return differing.length > 0 ? `it ends well, but ${differing.join(', ')} differs` : undefined;
  }
  const told = problemOfMessage(outcome, error);
  if (told !== undefined) return told;
  const damaged = damagedFiles(tree, before, whole);
  if (damaged.length > 0) return `${damaged.join(', ')} is lost or not whole`;
  const isHalf = left.some((path) => path.endsWith('/.replacement.json'));
  return left.length > 0 && !isHalf && !mayLeave ? `${left.join(', ')} is left` : undefined;
}

/** Checks that the folder's model is one, and that the next command ends well. */
export async function problemOfRest(run: Undisturbed, cwd: string): Promise<string | undefined> {
  const tree = treeOf(cwd);
  const mixed = await problemOfMixture(run, cwd, tree);
  return mixed ?? (differences(tree, run.whole).length === 0 ? undefined : problemOfNext(run, cwd));
}

const LEFT = /\.unfinished|\.gpt2-wasm-\d+-.*\.incomplete/;

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** An error is told in one line with the reason, and without places in the code. */
function problemOfMessage({ code, stderr }: Ended, error: string): string | undefined {
  const line = stderr.split('\n').find((text) => text.startsWith('error: '));
  const isRight = (code === 1 || code === 2) && line?.includes(error) && !/\n\s+at /.test(stderr);
  return isRight ? undefined : `it ends with ${code}: ${stderr.trim()}`;
}
