/** Waits for what another process does in its own time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  deadline = Date.now() + 60_000,
): Promise<void> {
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`after a minute still not: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
