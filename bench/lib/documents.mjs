import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The documents of a text that separates them by <|endoftext|>, gzip-compressed where its name ends in .gz. */
export function readDocuments(path) {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('<|endoftext|>')
    .map((document) => document.trim())
    .filter((document) => document !== '');
}
