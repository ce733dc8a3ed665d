import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DryRuns } from './dry_runs.js';
import { isEquivalent } from './equivalent.js';
import { urlOf } from './instrument.js';
import type { Mutant, Outcome } from './mutant.js';
import { nearSuites } from './near_suites.js';
import { root } from './run_process.js';
import { runSuite } from './run_suite.js';

/** A suite is ended after this many times of the processor time it takes, and some seconds more. */
const TIMES = 5;
const EXTRA_SECONDS = 5;

/** After this many suites that passed, a mutant has survived. */
const MOST_SUITES = 12;

export interface Trial {
  readonly outcome: Outcome;
  /** The suites that ran; the last one noticed, if any. */
  readonly suites: readonly string[];
}

/** Lets the nearest suites that run the place of a mutant run with it, until one fails. `folder`: for the changed file. */
export async function tryMutant(
  mutant: Mutant,
  folder: string,
  dryRuns: Pick<DryRuns, 'of'>,
  seed: number,
): Promise<Trial> {
  const suites: string[] = [];
  if (isEquivalent(mutant)) return { outcome: 'equivalent', suites };
  const code = await mutated(mutant);
  if (code === undefined) return { outcome: 'invalid', suites };
  const path = join(folder, `mutant-${mutant.id}.ts`);
  writeFileSync(path, code);
  const env = { SWAPS: `${path}.json`, SEED: String(seed) };
  writeFileSync(env.SWAPS, JSON.stringify({ [urlOf(mutant.file)]: urlOf(path) }));
  for (const suite of nearSuites(mutant.file)) {
    const { seconds, passed, ran } = await dryRuns.of(suite);
    if (passed === undefined || !ran.includes(mutant.id)) continue;
    suites.push(suite);
    const run = await runSuite(suite, env, TIMES * seconds + EXTRA_SECONDS);
    if (run.isTimeout) return { outcome: 'timeout', suites };
    if (run.passed !== passed) return { outcome: 'killed', suites };
    if (suites.length === MOST_SUITES) break;
  }
  return { outcome: suites.length === 0 ? 'no test' : 'survived', suites };
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
