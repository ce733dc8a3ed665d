import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instrumented } from './instrument.js';
import { root } from './run_process.js';
import { runSuite } from './run_suite.js';

/** A suite that takes longer, instrumented, is left out; in seconds of a processor. */
const LONGEST = 60;

/** A run of a suite without a mutant. */
export interface DryRun {
  /** Of a processor. */
  readonly seconds: number;
  /** Tests that passed; undefined if the suite is left out. */
  readonly passed: number | undefined;
  /** Ids of the mutants that it runs. */
  readonly ran: readonly number[];
}

/** Runs suites on instrumented sources, each once for all mutants; the results are kept until the suite changes. */
export class DryRuns {
  /** The folder of the instrumented sources. */
  readonly sources: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #support: string;
  readonly #runs = new Map<string, Promise<DryRun>>();

  constructor({ swaps, folder }: Instrumented, seed: number) {
    this.sources = folder;
    this.#folder = join(folder, 'suites');
    mkdirSync(this.#folder, { recursive: true });
    this.#env = { SWAPS: join(folder, 'swaps.json'), SEED: String(seed) };
    writeFileSync(join(folder, 'swaps.json'), JSON.stringify(swaps));
    this.#support = hashOf(...helpers());
  }

  of(suite: string): Promise<DryRun> {
    const run = this.#runs.get(suite) ?? this.#run(suite);
    this.#runs.set(suite, run);
    return run;
  }

  async #run(suite: string): Promise<DryRun> {
    const path = join(this.#folder, `${hashOf(join(root, suite))}-${this.#support}.json`);
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
    const RAN = `${path}.ran`;
    rmSync(RAN, { force: true });
    const { passed, seconds, isTimeout } = await runSuite(suite, { ...this.#env, RAN }, LONGEST);
    const ran = existsSync(RAN) ? Array.from(new Set(readFileSync(RAN, 'utf8').split('\n')), Number) : [];
    rmSync(RAN, { force: true });
    const run = { suite, seconds, passed, ran };
    writeFileSync(path, JSON.stringify(run));
    const leftOut = `left out, ${isTimeout ? 'it takes too long' : 'it fails'}`;
    console.error(`${suite} without a change: ${passed === undefined ? leftOut : `${seconds.toFixed(1)} s`}`);
    return run;
  }
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
