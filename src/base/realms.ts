// Test runners and frames have classes of their own, so that `instanceof` does not recognise their objects.

/** Whether a value is a Blob or File, of this realm or another. */
export function isBlob(value: unknown): value is Blob {
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

/** Whether a value is a URL, of this realm or another. */
export function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]';
}
