import { FNV_START, fnv1a } from '../../base/hash.js';
import type { TokenDocuments } from '../data/token_documents.js';
import { spread } from '../grams/gram_table.js';
import { KeyIndex } from '../grams/key_index.js';

/** 32-bit hash of all tokens of a document. */
export function documentHash({ tokens, starts, ends }: TokenDocuments, document: number): number {
  return spread(tokens.subarray(starts[document]!, ends[document]!).reduce(fnv1a, FNV_START));
}

/** Whether a document has the tokens of another, and as long a prompt. */
export function isSameDocument(a: TokenDocuments, i: number, b: TokenDocuments, j: number): boolean {
  const [start, other] = [a.starts[i]!, b.starts[j]!];
  const length = a.ends[i]! - start;
  if (b.ends[j]! - other !== length || a.learned[i]! - start !== b.learned[j]! - other) return false;
  for (let k = 0; k < length; k++) if (a.tokens[start + k] !== b.tokens[other + k]) return false;
  return true;
}

/** Of each document the first that is equal to it: its own index for the first one. */
export function firstEquals(documents: TokenDocuments): Int32Array {
  const count = documents.starts.length;
  const index = new KeyIndex(count);
  const first = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const key = documentHash(documents, i);
    let found = index.find(key);
    while (found !== -1 && !isSameDocument(documents, i, documents, found)) found = index.find(key, found);
    first[i] = found === -1 ? i : found;
    if (found === -1) index.add(key, i);
  }
  return first;
}
