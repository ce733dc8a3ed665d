import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const IMPORTS = ['../../scripts/ts_loader.mjs', './preload.mjs'].flatMap((name) => [
  '--import',
  new URL(name, import.meta.url).href,
]);

/** Keeps a mutant that allocates without end from the machine's memory. */
const HEAP = '--max-old-space-size=2048';

/** Processes that run. */
const running = new Set<number>();

export interface SuiteRun {
  /** Tests that passed; undefined if one failed or the process did. */
  readonly passed: number | undefined;
  readonly isTimeout: boolean;
  readonly ms: number;
  readonly output: string;
}

/** Runs one suite in a process, as preload.mjs says, and ends it after `limit` ms. */
export async function runSuite(
  name: string,
  env: Readonly<Record<string, string>>,
  limit: number,
): Promise<SuiteRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [HEAP, ...IMPORTS, name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    // A group, since a suite may start processes.
    detached: true,
  });
  const pid = child.pid!;
  running.add(pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let isTimeout = false;
  const timer = setTimeout(() => {
    isTimeout = true;
    endGroup(pid);
  }, limit);
  const status = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  running.delete(pid);
  const totals = Array.from(output.matchAll(/Total:\s+(\d+)\s+Passed:\s+(\d+)/g));
  const isGood = status === 0 && totals.length > 0 && totals.every(([, total, passed]) => total === passed);
  const passed = isGood ? totals.reduce((sum, [, , count]) => sum + Number(count), 0) : undefined;
  return { passed, isTimeout, ms: performance.now() - start, output };
}

/** Ends all suites that run. */
export function endAll(): void {
  for (const pid of running) endGroup(pid);
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
