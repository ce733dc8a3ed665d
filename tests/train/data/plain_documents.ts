import type { TokenDocuments } from '../../../src/train/data/token_documents.js';
import type { Random } from '../../tokenizer/helpers.js';

/** End-of-text token of documents in tests. */
export const END = 0;

/** The tokens of a document. */
export interface Plain {
  readonly prompt: number[];
  readonly text: number[];
}

/** Documents of different tokens, so that each can be told from all others; END is none of them. */
export function randomPlain(random: Random, count: number, longest: number): Plain[] {
  let next = END + 1;
  const tokens = (length: number) => Array.from({ length }, () => next++);
  return Array.from({ length: count }, () => ({
    prompt: tokens(random.pick([0, 0, random.below(longest)])),
    text: tokens(1 + random.below(longest)),
  }));
}

export function documentsOf(plain: readonly Plain[]): TokenDocuments {
  const starts: number[] = [];
  const ends: number[] = [];
  const learned: number[] = [];
  const tokens: number[] = [];
  for (const { prompt, text } of plain) {
    starts.push(tokens.length);
    learned.push(tokens.length + prompt.length);
    for (const id of [...prompt, ...text]) tokens.push(id);
    ends.push(tokens.length);
  }
  return {
    tokens: Int32Array.from(tokens),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    learned: Int32Array.from(learned),
  };
}
