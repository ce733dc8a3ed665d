import { damagedFiles, problemOfNext } from './check_kill.js';
import type { Case } from './kinds.js';
import { differences, treeOf } from './tree.js';
import { startCase, type Undisturbed } from './undisturbed.js';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Ctrl-C and SIGTERM at every call to the file system. */
export function* signalsAtCalls(run: Undisturbed): Generator<Case> {
  for (const [index, { name, path }] of run.calls.entries()) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      yield {
        when: `${run.name}, ${signal} at call ${index + 1}, ${name} ${path}`,
        run: () => problemAfterSignal(run, index, signal),
      };
    }
  }
}

async function problemAfterSignal(
  run: Undisturbed,
  index: number,
  signal: keyof typeof EXIT_CODES,
): Promise<string | undefined> {
  const { before, whole } = run;
  const { cwd, end } = startCase(run, { fault: { under: run.world.folder, at: index + 1, action: signal } });
  const outcome = await end;
  const tree = treeOf(cwd);
  const isWhole = differences(tree, whole).length === 0;
  // The signal may come before the command listens for it, or when all is done.
  const isEnded = outcome.code === EXIT_CODES[signal] || outcome.signal === signal;
  if (!isEnded && !(outcome.code === 0 && isWhole)) {
    return `it ends with ${outcome.code ?? outcome.signal}: ${outcome.stderr.trim()}`;
  }
  if (/\n\s+at |Error/.test(outcome.stderr)) return `it tells ${outcome.stderr.trim()}`;
  const damaged = damagedFiles(tree, before, whole);
  if (damaged.length > 0) return `${damaged.join(', ')} is lost or not whole`;
  const left = [...tree.keys()].filter((path) => path.includes('.unfinished'));
  if (left.length > 0 && outcome.signal === null) return `${left.join(', ')} is left`;
  return isWhole ? undefined : problemOfNext(run, cwd);
}
