import { Worker } from 'node:worker_threads';
import { LONGEST_INPUT } from './mutations/next_input.js';
import { BEGUN, FIRST_BYTE, LENGTH, NUMBER, type Progress, type RunnerData } from './protocol.js';

const WATCH_MS = 250;
/** Longest time to load a target, and for an input that computes nothing; a busy machine makes both slow. */
const LONGEST_WAIT_MS = 300_000;

interface RunnerEnd {
  /** Number of the next input. */
  readonly next: number;
  /** Why the runner could not read on, and the input at which it stopped. */
  readonly broken?: { readonly input: Uint8Array; readonly why: string };
}

/**
 * Runs inputs in a thread until they are done or `isOver` says so. An input during which this process computes for more than
 * `longestMs`, and one that ends the thread, end the run.
 */
export function watchedRunner(
  data: Omit<RunnerData, 'shared'>,
  longestMs: number,
  isOver: () => boolean,
  onProgress: (progress: Progress) => void,
): Promise<RunnerEnd> {
  const shared = new SharedArrayBuffer(FIRST_BYTE + LONGEST_INPUT);
  const numbers = new Int32Array(shared, 0, FIRST_BYTE / 4);
  numbers[NUMBER] = data.first - 1;
  const workerData: RunnerData = { ...data, shared };
  const resourceLimits = { maxOldGenerationSizeMb: 512 };
  const worker = new Worker(new URL('./runner.ts', import.meta.url), { workerData, resourceLimits });
  return new Promise((resolve) => {
    let last = 0;
    let since = times();
    const end = (why?: string) => {
      clearInterval(timer);
      const input = new Uint8Array(shared, FIRST_BYTE, numbers[LENGTH]!).slice();
      const next = Math.max(data.first, Atomics.load(numbers, NUMBER) + 1);
      worker.removeAllListeners();
      // A thread that is ended may still report an error.
      worker.on('error', () => {});
      void worker.terminate().then(() => resolve({ next, ...(why && { broken: { input, why } }) }));
    };
    const timer = setInterval(() => {
      const begun = Atomics.load(numbers, BEGUN);
      const now = times();
      if (begun !== last) [last, since] = [begun, now];
      const [wait, work] = [now.ms - since.ms, now.processorMs - since.processorMs];
      if (begun > 0 && work > longestMs) end(`it took more than ${longestMs} ms of a processor`);
      else if (wait > LONGEST_WAIT_MS) end(`it took more than ${LONGEST_WAIT_MS} ms`);
      else if (isOver()) end();
    }, WATCH_MS);
    worker.on('message', (progress: Progress) => {
      onProgress(progress);
      if (progress.kind === 'done') end();
    });
    worker.on('error', (error) => end(error.stack ?? String(error)));
    worker.on('exit', (code) => end(`the thread ended with ${code}: the input never came to an end`));
  });
}

/** Times of the clock and of the processor: those of other programs do not count. */
function times() {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), processorMs: (user + system) / 1000 };
}
