/*
 * Threads share one memory; each has an instance of this module, with globals of its own, and makes the same calls.
 * Work is split by rows, columns or heads of what is computed, never along a sum, so the number of threads leaves
 * no trace in any bit. In builds without threads all of this is nothing.
 */

let thread: i32 = 0;
let threads: i32 = 1;
/** Address of what they meet at. */
let shared: usize = 0;

/** Each on a cache line of its own: arrivals at the barrier, its turn, sleepers there; latest job, sleepers there. */
const ARRIVED: usize = 0;
const TURN: usize = 64;
const TURN_SLEEPERS: usize = 128;
const JOB: usize = 192;
const JOB_SLEEPERS: usize = 256;
/** How many things are taken of those that `takeChunk` gives out. */
const TAKEN: usize = 320;
const SHARED_BYTES: usize = 384;

/** Turns of a loop that looks at one number: a few microseconds to some tens of them. */
const BARRIER_SPINS: i32 = 20_000;
/** Longer than it takes to draw a token, so that all but the first thread are awake for the next one. */
const JOB_SPINS: i32 = 400_000;

/** Bytes of zeros that the threads of one model meet at. */
export function sharedBytes(): usize {
  return SHARED_BYTES;
}

/** Makes this instance one of `count` that meet at `at`: `sharedBytes` of zeros. */
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

/** The first of this thread's share of n things; its share ends where the next thread's begins. */
export function shareStart(n: i32): i32 {
  return <i32>((<i64>n * thread) / threads);
}

/** The end of this thread's share of n things. */
export function shareEnd(n: i32): i32 {
  return <i32>((<i64>n * (thread + 1)) / threads);
}

/** What TAKEN is where there is one thread. */
let taken: i32 = 0;

/** Chunks that a thread takes of a phase's work, about: processors differ in speed, and some are busy elsewhere. */
const CHUNKS: i32 = 4;

/** How many of n things to take at once. */
export function chunkOf(n: i32): i32 {
  return threads == 1 ? n : max(1, n / (threads * CHUNKS));
}

/** Takes the next chunk of what is to be done before the next barrier; returns its start. */
export function takeChunk(chunk: i32): i32 {
  if (ASC_FEATURE_THREADS && threads > 1) return atomic.add<i32>(shared + TAKEN, chunk);
  const start = taken;
  taken += chunk;
  return start;
}

/** Waits until the number at `at` is no longer `value`: looks for a while, then sleeps. */
function awaitChange(at: usize, value: i32, sleepers: usize, spins: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(at) != value) return;
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(at) == value) atomic.wait<i32>(at, value, -1);
  atomic.sub<i32>(sleepers, 1);
}

/** Changes the number at `at`; waking is a call out of WebAssembly, so it is made for sleepers only. */
function change(at: usize, sleepers: usize): void {
  atomic.add<i32>(at, 1);
  if (atomic.load<i32>(sleepers) > 0) atomic.notify(at, -1);
}

/** Returns when every thread has come here; what any of them wrote before, all can read. */
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

/** Lets every thread out of `awaitJob`. */
export function announceJob(at: usize): void {
  if (ASC_FEATURE_THREADS) change(at + JOB, at + JOB_SLEEPERS);
}

/**
 * Returns the number of the next job after job `done`. The first thread sleeps at once, which leaves a processor to
 * the caller's own thread.
 */
export function awaitJob(done: i32): i32 {
  if (!ASC_FEATURE_THREADS) return done;
  awaitChange(shared + JOB, done, shared + JOB_SLEEPERS, thread == 0 ? 0 : JOB_SPINS);
  return done + 1;
}
