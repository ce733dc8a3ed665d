import { checkIterable } from '../../base/check_lists.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { grown } from '../../base/grown.js';
import type { DocumentPart } from '../../files/data_file.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { permutation } from './shuffle.js';

/** Documents as token ids, without the end-of-text tokens that training puts after them. */
export interface TokenDocuments {
  /** The tokens of all documents. */
  readonly tokens: Int32Array;
  /** Document i is tokens[starts[i], ends[i]). */
  readonly starts: Int32Array;
  /** Index after the last token of each document. */
  readonly ends: Int32Array;
  /**
   * Loss mask: the index in `tokens` of each document's first token that has a loss. The tokens before it are
   * the prompt.
   */
  readonly learned: Int32Array;
}

/** Throws `invalid-option` if there are no documents, or one does not lie in the tokens. */
export function checkDocuments(documents: unknown): asserts documents is TokenDocuments {
  const right = 'what tokenizeDocuments gives';
  if (typeof documents !== 'object' || documents === null) throw invalidOption('documents', documents, right);
  const { tokens, starts, ends, learned } = documents as TokenDocuments;
  for (const [name, list] of Object.entries({ tokens, starts, ends, learned })) {
    if (!ArrayBuffer.isView(list) || (list as Int32Array)[Symbol.toStringTag] !== 'Int32Array') {
      throw invalidOption(`documents.${name}`, list, 'an Int32Array');
    }
  }
  const count = starts.length;
  if (count === 0 || ends.length !== count || learned.length !== count) {
    const found = `starts, ends and learned of documents have ${count}, ${ends.length} and ${learned.length} numbers`;
    throw new Gpt2Error('invalid-option', `${found}; they must have as many, one for each document`);
  }
  for (let i = 0; i < count; i++) {
    const [start, first, end] = [starts[i]!, learned[i]!, ends[i]!];
    if (start >= 0 && first >= start && end >= first && end <= tokens.length) continue;
    throw new Gpt2Error(
      'invalid-option',
      `document ${i} is tokens ${start} to ${end}, with a loss from ${first} on; it must lie in the ${tokens.length} tokens`,
    );
  }
}

/** How much data there is. */
export interface DataCounts {
  /** Number of documents. */
  readonly documents: number;
  /** Tokens of the documents, with prompts and without end-of-text tokens. */
  readonly tokens: number;
}

/** Counts documents and their tokens; zeros for undefined. */
export function countData(documents: TokenDocuments | undefined): DataCounts {
  if (documents === undefined) return { documents: 0, tokens: 0 };
  const { starts, ends } = documents;
  return { documents: starts.length, tokens: ends.reduce((sum, end, i) => sum + end - starts[i]!, 0) };
}

/**
 * Encodes documents; text that spells a special token is encoded as text. Prompt and completion are encoded
 * apart, so that a prompt has the same tokens with any completion. Throws `invalid-file` if there is no
 * text at all, `aborted`, and the errors of reading and encoding.
 */
export async function tokenizeDocuments(
  parts: AsyncIterable<DocumentPart>,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<TokenDocuments> {
  checkIterable('parts', parts, 'what readDocuments gives');
  if (typeof tokenizer?.encode !== 'function') throw invalidOption('tokenizer', tokenizer, 'a tokenizer');
  let tokens = new Int32Array(1 << 16);
  let used = 0;
  const starts: number[] = [];
  const learned: number[] = [];
  const ends: number[] = [];
  const append = (text: string) => {
    const ids = tokenizer.encode(text);
    if (!Array.isArray(ids)) {
      throw invalidOption('what encode of tokenizer returns', ids, 'an array of token ids');
    }
    while (used + ids.length > tokens.length) tokens = grown(tokens);
    for (const id of ids) tokens[used++] = id;
  };
  for await (const part of parts) {
    const { prompt = '', text, last } = part ?? {};
    if (typeof text !== 'string' || typeof prompt !== 'string') {
      throw invalidOption('an item of parts', part, 'what readDocuments gives');
    }
    throwIfAborted(signal, 'reading the data');
    if (starts.length === ends.length) {
      starts.push(used);
      append(prompt);
      learned.push(used);
    }
    append(text);
    if (last) ends.push(used);
  }
  if (used === 0) throw new Gpt2Error('invalid-file', 'the data hold no text to learn from');
  return {
    tokens: tokens.slice(0, used),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    learned: Int32Array.from(learned),
  };
}

/**
 * Holds out a share of the documents, 0 to 1, for validation: at least one, chosen by the seed, but not all.
 * A single document is split into a beginning and an end.
 */
export function splitDocuments(
  documents: TokenDocuments,
  share: number,
  seed: number,
): {
  /** Documents to learn from. */
  readonly training: TokenDocuments;
  /** Documents that are held out, if there are any. */
  readonly validation: TokenDocuments | undefined;
} {
  checkDocuments(documents);
  checkNumber('share', share, [(value) => value >= 0 && value <= 1, 'a number from 0 to 1']);
  checkNumber('seed', seed, whole(0));
  const count = documents.starts.length;
  if (share === 0) return { training: documents, validation: undefined };
  if (count === 1) return splitOne(documents, share);
  const held = Math.min(count - 1, Math.max(1, Math.round(share * count)));
  const order = permutation(count, seed, 0);
  // Sorted: the seed decides which documents are chosen, but not their order.
  const pick = (indices: Int32Array): TokenDocuments => {
    const sorted = indices.sort();
    return {
      tokens: documents.tokens,
      starts: sorted.map((i) => documents.starts[i]!),
      ends: sorted.map((i) => documents.ends[i]!),
      learned: sorted.map((i) => documents.learned[i]!),
    };
  };
  return { training: pick(order.slice(held)), validation: pick(order.slice(0, held)) };
}

function splitOne({ tokens, starts, ends, learned }: TokenDocuments, share: number) {
  const [from, to] = [learned[0]!, ends[0]!];
  if (to - from < 2) {
    throw new Gpt2Error(
      'invalid-file',
      'the data hold one document with a single token to learn, which leaves nothing for validation',
    );
  }
  const held = Math.min(to - from - 1, Math.max(1, Math.round(share * (to - from))));
  const middle = Int32Array.of(to - held);
  return {
    training: { tokens, starts, ends: middle, learned },
    validation: { tokens, starts: middle, ends, learned: middle },
  };
}
