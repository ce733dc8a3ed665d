import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allSuites } from '../../scripts/suites.mjs';
import type { Instrumented } from './instrument.js';
import { root, runSuite } from './run_suite.js';

/** Suites of the folders that are changed, and of those right above: a test that is far away is not enough. */
const NEAR = /^tests\/(?:core|generate|train|checkpoints|tokenizer|model|score)\//;

/** A suite that takes longer, instrumented, is left out. */
const LONGEST_MS = 40_000;

/** A run of a suite without a mutant. */
export interface DryRun {
  readonly suite: string;
  readonly ms: number;
  /** Tests that passed; undefined if the suite is left out. */
  readonly passed: number | undefined;
  /** Ids of the mutants that it runs. */
  readonly ran: readonly number[];
}

/** Runs the suites on instrumented sources; those that have not changed since the last time are not run again. */
export async function dryRuns(
  { swaps, folder }: Instrumented,
  seed: number,
  lanes: number,
  report: (line: string) => void,
): Promise<DryRun[]> {
  const results = join(folder, 'suites');
  mkdirSync(results, { recursive: true });
  const swapFile = join(folder, 'swaps.json');
  writeFileSync(swapFile, JSON.stringify(swaps));
  const support = hashOf(...helpers());
  const suites = allSuites().filter((name) => NEAR.test(name));
  const waiting = suites.slice();
  const runs: DryRun[] = [];
  await inLanes(lanes, waiting, async (suite) => {
    const stored = join(results, `${hashOf(join(root, suite))}-${support}.json`);
    if (!existsSync(stored)) {
      const RAN = join(results, `${hashOf(join(root, suite))}.ran`);
      rmSync(RAN, { force: true });
      const env = { SWAPS: swapFile, RAN, SEED: String(seed) };
      const { passed, ms } = await runSuite(suite, env, LONGEST_MS);
      const ran = existsSync(RAN) ? Array.from(new Set(readFileSync(RAN, 'utf8').split('\n')), Number) : [];
      rmSync(RAN, { force: true });
      writeFileSync(stored, JSON.stringify({ suite, ms, passed, ran } satisfies DryRun));
      const state = passed === undefined ? 'left out' : `${(ms / 1000).toFixed(1)} s`;
      report(`${suites.length - waiting.length}/${suites.length} ${suite}: ${state}`);
    }
    runs.push(JSON.parse(readFileSync(stored, 'utf8')));
  });
  return runs;
}

/** Takes items from `waiting` and works on `lanes` of them at a time. */
export async function inLanes<T>(
  lanes: number,
  waiting: T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The files of tests/ that suites import. */
function helpers(): string[] {
  return readdirSync(join(root, 'tests'), { recursive: true })
    .map((name) => join(root, 'tests', String(name)))
    .filter((path) => /(?<!\.test)\.ts$/.test(path) && !/node_modules|mutants|fuzz|e2e/.test(path))
    .sort();
}

function hashOf(...paths: readonly string[]): string {
  const hash = createHash('sha1');
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}
