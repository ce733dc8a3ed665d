/** Milliseconds that work takes; its result is not kept. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
