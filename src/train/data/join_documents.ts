import type { TokenDocuments } from './token_documents.js';

/** The documents of `first`, then those of `second`, without their places in files. */
export function joinDocuments(first: TokenDocuments, second: TokenDocuments): TokenDocuments {
  const offset = first.tokens.length;
  const joined = (a: Int32Array, b: Int32Array, by = 0) => {
    const both = new Int32Array(a.length + b.length);
    both.set(a);
    for (let i = 0; i < b.length; i++) both[a.length + i] = b[i]! + by;
    return both;
  };
  return {
    tokens: joined(first.tokens, second.tokens),
    starts: joined(first.starts, second.starts, offset),
    ends: joined(first.ends, second.ends, offset),
    learned: joined(first.learned, second.learned, offset),
  };
}
