import { type ProcessRun, root, runProcess } from './run_process.js';

const IMPORTS = ['../../scripts/ts_loader.mjs', './preload.mjs'].flatMap((name) => [
  '--import',
  new URL(name, import.meta.url).href,
]);

export interface SuiteRun extends ProcessRun {
  /** Tests that passed; undefined if one failed or the process did. */
  readonly passed: number | undefined;
}

/** Runs one suite in a process, as preload.mjs says, and ends it after `limit` seconds of a processor. */
export async function runSuite(
  name: string,
  env: Readonly<Record<string, string>>,
  limit: number,
): Promise<SuiteRun> {
  const run = await runProcess([...IMPORTS, name], root, env, limit);
  const totals = Array.from(run.output.matchAll(/Total:\s+(\d+)\s+Passed:\s+(\d+)/g));
  const isGood =
    run.status === 0 && totals.length > 0 && totals.every(([, total, passed]) => total === passed);
  const passed = isGood ? totals.reduce((sum, [, , count]) => sum + Number(count), 0) : undefined;
  return { ...run, passed };
}
