/**
 * Marks a promise that is awaited later than it is started. Until then other work may fail first, or wait for its
 * caller, and an early rejection would be reported as unhandled, which ends a Node process.
 */
export function startedEarly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
