import type { JsonObject } from '../../files/json_object.js';
import { joins } from '../joins.js';

/** A vocabulary in which neighbours merge whose join is the token of the lowest rank. */
export interface RankedTokens {
  /** Tokens in the byte alphabet, and their ranks, which are their ids. */
  readonly ranks: ReadonlyMap<string, number>;
  /** The pattern of pieces, which do not merge with each other; `undefined`: GPT-2's. */
  readonly pattern: string | undefined;
  /** A piece that is a token becomes it, also if merging would not make it. */
  readonly ignoreMerges: boolean;
  /** Special tokens by their text. */
  readonly special: ReadonlyMap<string, number>;
}

/**
 * The tokenizer.json of a vocabulary of ranks: byte-level BPE, with a merge for each pair of tokens whose
 * join is a token, in the order of the ranks of the joins.
 */
export function rankedTokenizer({ ranks, pattern, ignoreMerges, special }: RankedTokens): JsonObject {
  const inOrder = [...ranks.keys()].sort((a, b) => ranks.get(a)! - ranks.get(b)!);
  const addedTokens = [...special].map(([content, id]) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: addedTokens, normalizer: null },
    pre_tokenizer:
      pattern === undefined
        ? byteLevel
        : { type: 'Sequence', pretokenizers: [split, { ...byteLevel, use_regex: false }] },
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: byteLevel,
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: ignoreMerges },
      vocab: Object.fromEntries(ranks),
      merges: joins(ranks, inOrder),
    },
  };
}
