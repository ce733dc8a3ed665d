import { damagedFiles, problemOfMixture, problemOfNext } from './check_kill.js';
import { type FileCall, isChange } from './file_calls.js';
import type { Case } from './kinds.js';
import { startCommand } from './process.js';
import { differences, treeOf } from './tree.js';
import type { Undisturbed } from './undisturbed.js';

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
  const { scenario, world, start, before, whole } = run;
  const cwd = world.newCase(start);
  const env = scenario.env?.(cwd, world);
  const fault = { under: world.folder, at: index + 1, action: code };
  const outcome = await startCommand(scenario.args(world), { cwd, env, input: scenario.input, fault }).end;
  const tree = treeOf(cwd);
  if (outcome.code === 0) {
    // Only removing what nobody reads may fail.
    const differing = differences(tree, whole).filter((path) => !isLeft(path, run.calls[index]!));
    return differing.length > 0 ? `it ends well, but ${differing.join(', ')} differs` : undefined;
  }
  const told = problemOfMessage(outcome, code);
  if (told !== undefined) return told;
  const damaged = damagedFiles(tree, before, whole);
  if (damaged.length > 0) return `${damaged.join(', ')} is lost or not whole`;
  const mixed = await problemOfMixture(run, cwd, tree);
  if (mixed !== undefined) return mixed;
  const isHalf = [...tree.keys()].some((path) => path.endsWith('/.replacement.json'));
  const left = [...tree.keys()].filter((path) => path.includes('.unfinished'));
  if (left.length > 0 && !isHalf && run.calls[index]!.name !== 'rm') return `${left.join(', ')} is left`;
  return differences(tree, whole).length === 0 ? undefined : problemOfNext(run, cwd);
}

const isLeft = (path: string, { name }: FileCall) => name === 'rm' && /\.unfinished|\.incomplete/.test(path);

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
