/*
 * Every thread runs the same code on its own share and meets the others at barriers. Work is split by what is
 * written, never along a sum, so that the number of threads leaves no trace in a result.
 */

export function threadIndex(): i32 {
  return 0;
}

export function threadCount(): i32 {
  return 1;
}

/** Returns once every thread has come here. */
export function barrier(): void {}

/** First of n items that this thread works on; they end before `shareEnd`. */
export function shareStart(n: i32): i32 {
  return <i32>((<i64>n * threadIndex()) / threadCount());
}

export function shareEnd(n: i32): i32 {
  return <i32>((<i64>n * (threadIndex() + 1)) / threadCount());
}
