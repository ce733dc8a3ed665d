/**
 * Largest size a field may give: the product of two stays exact in a double, and no larger row fits
 * WebAssembly.
 */
export const MAX_SIZE = 2 ** 24;
/** Most layers: a damaged count must not make a list of millions of tensors; GPT-2 XL has 48. */
export const MAX_LAYERS = 4096;

/** Whether a value says that something is not there: null, false, 0, an empty text, list or object. */
export function isOff(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return !value;
}

/** A value of a file as a message shows it: as JSON, shortened if it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
