import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A file's bytes, unpacked if its name ends in .gz. */
export function readUnpacked(path) {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The documents of a text that separates them by <|endoftext|>. */
export function readDocuments(path) {
  return readUnpacked(path)
    .toString('utf8')
    .split('<|endoftext|>')
    .map((document) => document.trim())
    .filter((document) => document !== '');
}
