/** As `memoryError`, whose code is loaded on demand, since nearly all errors are others. */
export async function failureOf(error: unknown): Promise<unknown> {
  return error instanceof RangeError ? (await import('./memory_error.js')).memoryError(error) : error;
}
