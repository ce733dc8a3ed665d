import * as assert from 'uvu/assert';

/** CPU time of `work` in milliseconds, the least of three runs; other processes are not counted. */
export function leastWork(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Less work than this is mostly noise, in milliseconds. */
const LEAST_MS = 2;
const ATTEMPTS = 4;

/**
 * Asserts that `large` needs less than `limit` times the work of `small`, both results of `leastWork`. Four
 * attempts: other programs slow caches and memory for a while, but a cost that grows too fast shows in every
 * attempt.
 */
export async function assertGrowth(
  large: () => number | Promise<number>,
  small: () => number | Promise<number>,
  limit: number,
  what: string,
): Promise<void> {
  const ratios: number[] = [];
  while (ratios.length < ATTEMPTS) {
    const ratio = (await large()) / Math.max(LEAST_MS, await small());
    if (ratio < limit) return;
    ratios.push(ratio);
  }
  assert.unreachable(`${what} takes ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')} times as long`);
}
