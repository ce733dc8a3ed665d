import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allSpecs, named } from '../../scripts/suites.mjs';
import type { Mutant } from './mutant.js';
import { root, runProcess } from './run_process.js';
import type { Trial } from './trial.js';

/** The longest that specs compile and run, in seconds of a processor. */
const LONGEST = 600;

const RUNNER = 'node_modules/@as-pect/cli/lib/test.js';
const [SIMD, RELAXED] = ['as-pect.asconfig.json', 'as-pect.relaxed.asconfig.json'] as const;

/** Compiles specs with a mutant of assembly/ and runs them: those of the file in both builds, then all others. */
export async function tryCoreMutant({ file, start, end, replacement, id }: Mutant): Promise<Trial> {
  const own = named([file]);
  const others = allSpecs().filter((name) => !own.includes(name));
  const tree = join(root, 'build', `core-mutant-${id}`);
  try {
    // An interrupted run leaves it.
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree);
    cpSync(join(root, 'assembly'), join(tree, 'assembly'), { recursive: true });
    for (const name of [SIMD, RELAXED, 'as-pect.config.js', 'package.json'])
      cpSync(join(root, name), join(tree, name));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    const code = readFileSync(join(root, file), 'utf8');
    writeFileSync(join(tree, file), code.slice(0, start) + replacement + code.slice(end));
    for (const [config, specs] of [
      [SIMD, own],
      [RELAXED, own],
      [SIMD, others],
    ] as const) {
      if (specs.length === 0) continue;
      const args = [RUNNER, '--as-config', config];
      const run = await runProcess(args, tree, { SPECS: specs.join() }, LONGEST);
      if (run.isTimeout) return { outcome: 'timeout', suites: specs };
      if (/\bERROR [A-Z]+\d+/.test(run.output)) return { outcome: 'invalid', suites: [] };
      if (run.status !== 0) return { outcome: 'killed', suites: specs };
    }
    return { outcome: 'survived', suites: own };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}
