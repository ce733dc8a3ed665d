import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Keeps a mutant that allocates without end from the machine's memory. */
const HEAP = '--max-old-space-size=2048';

/** Processes that run. */
const running = new Set<number>();

export interface ProcessRun {
  /** Status at the end; null after a signal. */
  readonly status: number | null;
  readonly isTimeout: boolean;
  readonly ms: number;
  readonly output: string;
}

/** Runs this node on a file, and ends it and all that it started after `limit` ms. */
export async function runProcess(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  limit: number,
): Promise<ProcessRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [HEAP, ...args], {
    cwd,
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
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  running.delete(pid);
  return { status, isTimeout, ms: performance.now() - start, output };
}

/** Ends all that runs. */
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
