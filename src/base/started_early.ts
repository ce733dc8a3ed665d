/**
 * Marks a promise that is awaited only later. A rejection before that would otherwise be reported as
 * unhandled, which ends a Node process.
 */
export function startedEarly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
