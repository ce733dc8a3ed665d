/*
 * Threads share one memory. Each has its own instance of this module, with its own globals, and makes the
 * same calls. Work is split by rows, columns or heads of the output, never along a sum, so the number of
 * threads changes no bit. In builds without threads, one thread does all work and barriers do nothing.
 */

let thread: i32 = 0;
let threads: i32 = 1;
/** Address of the shared counters below. */
let shared: usize = 0;

/**
 * Byte offsets of the counters, a cache line each: threads that have arrived at the barrier, number of the
 * barrier, threads that sleep at it; number of the latest job, threads that sleep until the next one.
 */
const ARRIVED: usize = 0;
const TURN: usize = 64;
const TURN_SLEEPERS: usize = 128;
const JOB: usize = 192;
const JOB_SLEEPERS: usize = 256;
/** Work items already claimed through `takeChunk`. */
const TAKEN: usize = 320;
const SHARED_BYTES: usize = 384;

/** Polls of a counter before a thread sleeps: a few to some tens of microseconds. */
const BARRIER_SPINS: i32 = 20_000;
/** Longer than sampling a token takes, so that all but the first thread are awake for the next one. */
const JOB_SPINS: i32 = 400_000;

/** Bytes of the counters that the threads of one model share; they must start at zero. */
export function sharedBytes(): usize {
  return SHARED_BYTES;
}

/** Makes this instance thread `index` of `count`, which share the counters at `at`. */
export function joinThreads(index: i32, count: i32, at: usize): void {
  thread = index;
  threads = count;
  shared = at;
}

/** This thread's number, from 0. */
// @ts-ignore: decorator
@inline
export function threadIndex(): i32 {
  return thread;
}

/** This thread's part of `scratch`, which has `bytes` bytes for each thread. */
// @ts-ignore: decorator
@inline
export function ownScratch(scratch: usize, bytes: usize): usize {
  return scratch + bytes * thread;
}

/** First of this thread's share of n items; the share ends at `shareEnd`, where the next thread's begins. */
export function shareStart(n: i32): i32 {
  return <i32>((<i64>n * thread) / threads);
}

/** End of this thread's share of n items. */
export function shareEnd(n: i32): i32 {
  return <i32>((<i64>n * (thread + 1)) / threads);
}

/** Chunk counter used when there is only one thread. */
let taken: i32 = 0;

/**
 * Chunks per thread and phase, about: several, because processors differ in speed and some are busy
 * elsewhere.
 */
const CHUNKS: i32 = 4;

/** How many of n items `takeChunk` should take at once. */
export function chunkOf(n: i32): i32 {
  return threads == 1 ? n : max(1, n / (threads * CHUNKS));
}

/** Claims the next `chunk` items of the work before the next barrier and returns the first. */
export function takeChunk(chunk: i32): i32 {
  if (ASC_FEATURE_THREADS && threads > 1) return atomic.add<i32>(shared + TAKEN, chunk);
  const start = taken;
  taken += chunk;
  return start;
}

/** Waits until the number at `at` is no longer `value`: polls `spins` times, then sleeps. */
function awaitChange(at: usize, value: i32, sleepers: usize, spins: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(at) != value) return;
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(at) == value) atomic.wait<i32>(at, value, -1);
  atomic.sub<i32>(sleepers, 1);
}

/**
 * Increments the number at `at` and wakes sleepers; waking calls out of WebAssembly, so only if there are
 * any.
 */
function change(at: usize, sleepers: usize): void {
  atomic.add<i32>(at, 1);
  if (atomic.load<i32>(sleepers) > 0) atomic.notify(at, -1);
}

/** Returns when every thread has called it; afterwards all threads can read what any of them wrote before. */
export function barrier(): void {
  if (!ASC_FEATURE_THREADS || threads == 1) {
    taken = 0;
    return;
  }
  const turn = atomic.load<i32>(shared + TURN);
  if (atomic.add<i32>(shared + ARRIVED, 1) + 1 == threads) {
    atomic.store<i32>(shared + ARRIVED, 0);
    atomic.store<i32>(shared + TAKEN, 0);
    change(shared + TURN, shared + TURN_SLEEPERS);
  } else {
    awaitChange(shared + TURN, turn, shared + TURN_SLEEPERS, BARRIER_SPINS);
  }
}

/** Makes `awaitJob` return in every thread. */
export function announceJob(at: usize): void {
  if (ASC_FEATURE_THREADS) change(at + JOB, at + JOB_SLEEPERS);
}

/**
 * Waits for the job after number `done` and returns its number. The first thread sleeps without polling,
 * which leaves a processor to the caller's own thread.
 */
export function awaitJob(done: i32): i32 {
  if (!ASC_FEATURE_THREADS) return done;
  awaitChange(shared + JOB, done, shared + JOB_SLEEPERS, thread == 0 ? 0 : JOB_SPINS);
  return done + 1;
}
