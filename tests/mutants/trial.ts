import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { named } from '../../scripts/suites.mjs';
import type { DryRun } from './dry_runs.js';
import { isEquivalent } from './equivalent.js';
import { urlOf } from './instrument.js';
import type { Mutant, Outcome } from './mutant.js';
import { root, runSuite } from './run_suite.js';

/** A suite is ended after this many times of the time it takes, and some seconds for a busy machine. */
const TIMES = 5;
const EXTRA_MS = 15_000;

export interface Trial {
  readonly outcome: Outcome;
  /** The suites that ran; the last one noticed, if any. */
  readonly suites: readonly string[];
}

/** Lets the suites that run the place of a mutant run with it, until one fails. `folder`: for the changed file. */
export async function tryMutant(
  mutant: Mutant,
  folder: string,
  runs: readonly DryRun[],
  seed: number,
): Promise<Trial> {
  if (isEquivalent(mutant)) return { outcome: 'equivalent', suites: [] };
  const code = await mutated(mutant);
  if (code === undefined) return { outcome: 'invalid', suites: [] };
  const path = join(folder, `mutant-${mutant.id}.ts`);
  writeFileSync(path, code);
  const SWAPS = `${path}.json`;
  writeFileSync(SWAPS, JSON.stringify({ [urlOf(mutant.file)]: urlOf(path) }));
  const suites: string[] = [];
  for (const { suite, ms, passed } of inOrder(mutant, runs)) {
    suites.push(suite);
    const run = await runSuite(suite, { SWAPS, SEED: String(seed) }, TIMES * ms + EXTRA_MS);
    if (run.isTimeout) return { outcome: 'timeout', suites };
    if (run.passed !== passed) return { outcome: 'killed', suites };
  }
  return { outcome: suites.length === 0 ? 'no test' : 'survived', suites };
}

/** The suites that run the place: those of the file first, then the fastest. */
function inOrder({ file, id }: Mutant, runs: readonly DryRun[]): DryRun[] {
  const own = named([file]);
  const cost = ({ suite, ms }: DryRun) => (own.includes(suite) ? ms / 1000 : ms);
  return runs
    .filter(({ passed, ran }) => passed !== undefined && ran.includes(id))
    .sort((a, b) => cost(a) - cost(b));
}

/** The code of the file with the change; undefined if it does not compile. */
async function mutated({ file, start, end, replacement }: Mutant): Promise<string | undefined> {
  const { transform } = await import('esbuild');
  const code = readFileSync(join(root, file), 'utf8');
  // An expression may need parentheses in its new place; a statement may have none.
  for (const text of [replacement, `(${replacement})`]) {
    const changed = code.slice(0, start) + text + code.slice(end);
    const isValid = await transform(changed, { loader: 'ts', logLevel: 'silent' }).then(
      () => true,
      () => false,
    );
    if (isValid) return changed;
  }
  return undefined;
}
