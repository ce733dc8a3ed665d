import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { processUsage } from '../../../bench/lib/linux_process.mjs';
import type { Reading } from '../verdict/metrics.js';
import type { ProbedUse } from './probe.mjs';

/** Flags of a node process that can be read. */
export const PROBE_FLAGS: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('probe.mjs', import.meta.url)),
];

/** Asks the probe in a child process. */
export async function probed(child: ChildProcess): Promise<ProbedUse> {
  child.send('read');
  const [use] = await once(child, 'message');
  return use;
}

/** All numbers of a process: those of its probe, and those of Linux. */
export async function readProcess(pid: number, probe: () => Promise<ProbedUse>): Promise<Reading> {
  const use = await probe();
  const { megabytes, handles, threads } = processUsage(pid)!;
  return { ...use, resident: megabytes * 2 ** 20, handles, threads };
}
