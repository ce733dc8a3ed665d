import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
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
  /** Of a processor, by the process and its threads. */
  readonly seconds: number;
  readonly output: string;
}

/** A process may take this many times longer than its processor time: the machine is busy, or it waits for ever. */
const WAITING = 10;

/** Status of a process that SIGXCPU ended, 128 more than the number of the signal. */
const OUT_OF_TIME = 152;

/** Runs a command with a limit on its processor time, and then writes what it took; `times` is of the shell and its children. */
const LIMITED = 'ulimit -S -t "$1"; shift; "$@"; status=$?; times; exit $status';

/** Runs this node on a file, and ends it and all that it started after `limit` seconds of a processor. */
export async function runProcess(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  limit: number,
): Promise<ProcessRun> {
  const command = [process.execPath, HEAP, ...args];
  const child = spawn('sh', ['-c', LIMITED, 'sh', String(Math.ceil(limit)), ...command], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    // A group, since a suite may start processes.
    detached: true,
  });
  const pid = child.pid!;
  running.add(pid);
  const [stdout, stderr] = [child.stdout, child.stderr].map(textOf) as [Written, Written];
  let isTimeout = false;
  const timer = setTimeout(
    () => {
      isTimeout = true;
      endGroup(pid);
    },
    1000 * WAITING * limit,
  );
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  running.delete(pid);
  const took = Array.from(/(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout.text) ?? [], Number).slice(1);
  const [minutes = 0, seconds = 0, inSystem = 0, more = 0] = took;
  return {
    status,
    isTimeout: isTimeout || status === OUT_OF_TIME,
    seconds: 60 * (minutes + inSystem) + seconds + more,
    output: stdout.text + stderr.text,
  };
}

/** The text that a stream has written so far. */
interface Written {
  text: string;
}

function textOf(stream: Readable): Written {
  const written = { text: '' };
  stream.setEncoding('utf8').on('data', (text: string) => {
    written.text += text;
  });
  return written;
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
