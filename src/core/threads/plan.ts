import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { threadPlatform } from '../../host/platform.js';
import type { ThreadPlatform } from '../../host/threads.js';

/** How many threads compute, and the reason for that number. */
export interface ThreadPlan {
  readonly count: number;
  readonly reason: string;
  /** Starts the threads; undefined if the caller's own thread computes. */
  readonly platform?: ThreadPlatform;
}

/** Most threads for `auto`: with more, memory is the limit and not arithmetic. */
const MOST_AUTO_THREADS = 8;

/**
 * With fewer bytes of weights than this, a token takes less time than the threads need to meet at a barrier.
 */
const SMALL_MODEL_BYTES = 24 * 2 ** 20;

/** Upper bound of the option, above what helps on any processor. */
export const MOST_THREADS = 64;

/** Throws `invalid-option` if this is no valid number of threads. */
export function checkThreads(threads: 'auto' | number | undefined): void {
  const isCount =
    Number.isInteger(threads) && (threads as number) >= 1 && (threads as number) <= MOST_THREADS;
  if (threads !== undefined && threads !== 'auto' && !isCount) {
    throw invalidOption('threads', threads, `'auto' or an integer from 1 to ${MOST_THREADS}`);
  }
}

/** The reason why this runtime cannot share memory between threads; `undefined` if it can. */
function reasonAgainstThreads(): string | undefined {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) {
    return 'this page is not cross-origin isolated (headers COOP and COEP)';
  }
  try {
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  } catch {
    return 'this runtime has no shared memory';
  }
  return undefined;
}

/**
 * Up to 4 processors: all; above that half, because the others are often second threads of a core or small
 * cores.
 */
function bestCount(processors: number): number {
  return Math.min(MOST_AUTO_THREADS, Math.max(Math.min(processors, 4), Math.floor(processors / 2)));
}

/** Decides how many threads compute a model with this many bytes of weights. Throws `invalid-option`. */
export function planThreads(wish: 'auto' | number, weightBytes: number): ThreadPlan {
  checkThreads(wish);
  if (wish === 1) return { count: 1, reason: 'one thread was asked for' };
  if (wish === 'auto' && weightBytes < SMALL_MODEL_BYTES) {
    return { count: 1, reason: 'a model of this size is as fast on one thread' };
  }
  const reason = reasonAgainstThreads();
  if (reason !== undefined) return { count: 1, reason };
  if (threadPlatform === undefined) return { count: 1, reason: 'this runtime has no workers' };
  const processors = threadPlatform.processors();
  const count = wish === 'auto' ? bestCount(processors) : wish;
  if (count === 1) return { count, reason: 'there is one processor' };
  const asked = wish === 'auto' ? '' : ' asked for,';
  return { count, reason: `${count} threads${asked} on ${processors} processors`, platform: threadPlatform };
}

/** The plan to use if the workers of another plan do not start. */
export function withoutWorkers(error: unknown): ThreadPlan {
  const why =
    error instanceof Gpt2Error && error.cause instanceof Error ? error.cause.message : String(error);
  return { count: 1, reason: `workers do not start here: ${why}` };
}
