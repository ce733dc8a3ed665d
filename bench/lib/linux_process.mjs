import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks a second in /proc, the same on all of Linux' usual platforms. */
const TICKS = 100;

/**
 * Resident megabytes of a process now and at most so far, seconds of processor time, open files and sockets, and
 * threads; undefined without /proc, and if the process has ended.
 */
export function processUsage(pid) {
  if (!existsSync(`/proc/${pid}/status`)) return undefined;
  const read = (name) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const status = read('status');
  const field = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]);
  const [user, system] = read('stat').split(') ')[1].split(' ').slice(11, 13).map(Number);
  return {
    megabytes: field('VmRSS') / 1024,
    peakMegabytes: field('VmHWM') / 1024,
    seconds: (user + system) / TICKS,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    threads: field('Threads'),
  };
}
