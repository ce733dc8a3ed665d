import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';
import { countBuiltIns } from './counted_built_ins.js';

// Calls that a compiler has inlined would not be counted.
setFlagsFromString('--no-opt');
setFlagsFromString('--no-maglev');

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** How often blocks of code ran, by function; for built-in functions, how many items they touched. */
export type Work = ReadonlyMap<string, number>;

/**
 * Counts the work of calls, which run one after the other: how often blocks of this package's code and of its
 * dependencies ran, as V8 counts them, and items that built-in functions touched. The same work gives the same numbers
 * on every machine. WebAssembly, `...` of objects and backtracking inside a regular expression are not counted. Import
 * this module before the code that is counted, since V8 counts in functions that it compiles afterwards.
 */
export async function countedWork(calls: readonly (() => unknown)[]): Promise<Work[]> {
  const { now } = performance;
  let ms = now.call(performance);
  // Work that is done in slices of time is cut in the same way always.
  performance.now = () => (ms += 0.01);
  const counted: Work[] = [];
  try {
    takeBlocks();
    for (const call of calls) {
      const items = await countBuiltIns(call);
      counted.push(new Map([...takeBlocks(), ...items]));
    }
  } finally {
    performance.now = now;
  }
  return counted;
}

export const totalWork = (work: Work): number => [...work.values()].reduce((sum, count) => sum + count, 0);

/** Runs of blocks since the last call. */
function takeBlocks(): Map<string, number> {
  const work = new Map<string, number>();
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error !== null) throw error;
    for (const { url, functions } of taken.result) {
      if (!url.startsWith('file:') || url.includes('/tests/')) continue;
      for (const { functionName, ranges } of functions) {
        if (ranges[0]!.count === 0) continue;
        const name = `${functionName} of ${url.replace(/.*\/(?=src\/|node_modules\/)/, '')}`;
        const sum = ranges.reduce((sum, { count }) => sum + count, 0);
        if (sum > 0) work.set(name, (work.get(name) ?? 0) + sum);
      }
    }
  });
  return work;
}
