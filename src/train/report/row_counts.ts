import type { RowLayout } from '../data/rows.js';
import type { TokenDocuments } from '../data/token_documents.js';

/** The rows of an epoch. Their tokens are those of the documents, an end of text after each, and padding, without what is left out. */
export interface RowCounts {
  /** Number of rows. */
  readonly count: number;
  /** T: tokens of a row. */
  readonly length: number;
  /** Tokens that have a loss, with the ends of text. */
  readonly learned: number;
  /** Tokens that fill up rows. */
  readonly padding: number;
  /** Tokens of prompts in rows that would have nothing to learn, and that are left out. */
  readonly leftOut: number;
  /** Number of documents that do not fit into a row with their end of text, and are cut into several. */
  readonly cut: number;
  /** Number of prompts that fill a row or more, so that the beginning of the completion does not see all of them. */
  readonly cutPrompts: number;
}

/** Counts what arranging the documents in rows of `length` tokens gives, in any order. */
export function countRows(
  { starts, ends, learned }: TokenDocuments,
  layout: RowLayout,
  length: number,
): RowCounts {
  let [count, targets, tokens, leftOut, cut, cutPrompts] = [0, 0, 0, 0, 0, 0];
  starts.forEach((start, i) => {
    const all = ends[i]! - start + 1;
    const prompt = learned[i]! - start;
    tokens += all;
    targets += all - prompt;
    if (all > length) cut++;
    if (prompt >= length) cutPrompts++;
    if (layout !== 'documents') return;
    // The first rows of a long prompt have no target.
    const empty = Math.floor(prompt / length);
    leftOut += empty * length;
    count += Math.ceil(all / length) - empty;
  });
  if (layout === 'packed') count = Math.ceil(tokens / length);
  const padding = count * length - (tokens - leftOut);
  return { count, length, learned: targets, padding, leftOut, cut, cutPrompts };
}
