/** Waits until `isSo` is true, for effects of other processes. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  deadline = Date.now() + 300_000,
): Promise<void> {
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`after five minutes still not: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
