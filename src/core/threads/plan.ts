import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { threadPlatform } from '../../host/platform.js';
import type { ThreadPlatform } from '../../host/threads.js';

/** How many threads compute, and why so many. */
export interface ThreadPlan {
  readonly count: number;
  readonly reason: string;
  /** What starts them; undefined where the caller's own thread computes. */
  readonly platform?: ThreadPlatform;
}

/** What `auto` takes at most: beyond it, memory is the limit and not arithmetic. */
const MOST_BY_ITSELF = 8;

/** Below so many bytes of weights a token takes less time than the threads need to meet. */
const SMALL_MODEL = 24 * 2 ** 20;

/** More than any processor gains from. */
export const MOST_THREADS = 64;

/** Throws `invalid-option` for what is no number of threads. */
export function checkThreads(threads: 'auto' | number | undefined): void {
  const isCount =
    Number.isInteger(threads) && (threads as number) >= 1 && (threads as number) <= MOST_THREADS;
  if (threads !== undefined && threads !== 'auto' && !isCount) {
    throw invalidOption('threads', threads, `'auto' or an integer from 1 to ${MOST_THREADS}`);
  }
}

/** Why this runtime has no threads on a shared memory; `undefined` where it has. */
function hindrance(): string | undefined {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) {
    return 'this page is not cross-origin isolated (headers COOP and COEP), so that it has no shared memory';
  }
  try {
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  } catch {
    return 'this runtime has no shared memory';
  }
  return undefined;
}

/** Half of many processors are usually the second threads of a core or small cores, which add little. */
function bestCount(processors: number): number {
  return Math.min(MOST_BY_ITSELF, Math.max(Math.min(processors, 4), Math.floor(processors / 2)));
}

/** Decides how many threads compute a model whose weights take so many bytes. Throws `invalid-option`. */
export function planThreads(wish: 'auto' | number, weightBytes: number): ThreadPlan {
  checkThreads(wish);
  if (wish === 1) return { count: 1, reason: 'one thread was asked for' };
  if (wish === 'auto' && weightBytes < SMALL_MODEL) {
    return { count: 1, reason: 'a model of this size is as fast on one thread' };
  }
  const missing = hindrance();
  if (missing !== undefined) return { count: 1, reason: missing };
  if (threadPlatform === undefined) return { count: 1, reason: 'this runtime has no workers' };
  const processors = threadPlatform.processors();
  const count = wish === 'auto' ? bestCount(processors) : wish;
  if (count === 1) return { count, reason: 'there is one processor' };
  const asked = wish === 'auto' ? '' : ' asked for,';
  return { count, reason: `${count} threads${asked} on ${processors} processors`, platform: threadPlatform };
}

/** What a plan becomes where its workers do not start. */
export function withoutWorkers(error: unknown): ThreadPlan {
  const why =
    error instanceof Gpt2Error && error.cause instanceof Error ? error.cause.message : String(error);
  return { count: 1, reason: `workers do not start here: ${why}` };
}
