import type { ModelChoice } from './model_request.js';

// What IndexedDB holds may have been written by another version of this page, or by another page of the origin.

/** Whether a value that was stored is an object whose fields of these names are strings. */
export function hasTexts<Name extends string>(
  value: unknown,
  names: readonly Name[],
): value is Record<Name, string> & Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

export function isFileList(value: unknown): value is readonly File[] {
  return Array.isArray(value) && value.length > 0 && value.every((file) => file instanceof File);
}

/** Whether a stored value is a source that the page gives to models: an address, or files. */
export function isStoredSource(value: unknown): value is ModelChoice['source'] {
  return typeof value === 'string' || value instanceof File || isFileList(value);
}
