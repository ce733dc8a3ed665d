import { abortable } from '../../base/abortable.js';
import { checkIterable } from '../../base/check_lists.js';
import { checkSignal, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { grown } from '../../base/grown.js';
import { withinMemory } from '../../base/memory_error.js';
import type { DocumentPart } from '../../files/data_file.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { checkPlaces, type DocumentPlaces, PlacesBuilder } from './document_places.js';

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
  /** File and line of each document, for messages and reports. Without them, documents are named by number. */
  readonly places?: DocumentPlaces;
}

/** Throws `invalid-option` if there are no documents, or one does not lie in the tokens. */
export function checkDocuments(documents: unknown): asserts documents is TokenDocuments {
  const right = 'what tokenizeDocuments gives';
  if (typeof documents !== 'object' || documents === null) throw invalidOption('documents', documents, right);
  const { tokens, starts, ends, learned, places } = documents as TokenDocuments;
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
  checkPlaces(places, count);
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
export function tokenizeDocuments(
  parts: AsyncIterable<DocumentPart>,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<TokenDocuments> {
  return withinMemory(tokenized(parts, tokenizer, signal));
}

async function tokenized(
  parts: AsyncIterable<DocumentPart>,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<TokenDocuments> {
  checkIterable('parts', parts, 'what readDocuments gives');
  checkSignal(signal);
  if (typeof tokenizer?.encode !== 'function') throw invalidOption('tokenizer', tokenizer, 'a tokenizer');
  let tokens = new Int32Array(1 << 16);
  let used = 0;
  const starts: number[] = [];
  const learned: number[] = [];
  const ends: number[] = [];
  const places = new PlacesBuilder();
  const append = (text: string) => {
    const ids = tokenizer.encode(text);
    if (!Array.isArray(ids)) {
      throw invalidOption('what encode of tokenizer returns', ids, 'an array of token ids');
    }
    while (used + ids.length > tokens.length) tokens = grown(tokens);
    for (const id of ids) tokens[used++] = id;
  };
  for await (const part of abortable(parts, signal, 'reading the data')) {
    const { prompt = '', text, last, file = 'data', line = starts.length + 1 } = part ?? {};
    if (typeof text !== 'string' || typeof prompt !== 'string') {
      throw invalidOption('an item of parts', part, 'what readDocuments gives');
    }
    if (starts.length === ends.length) {
      places.add(file, line);
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
    places: places.places(),
  };
}

/** The documents with these indices, which keep the tokens of all. */
export function selectDocuments(documents: TokenDocuments, indices: Int32Array): TokenDocuments {
  const { tokens, starts, ends, learned, places } = documents;
  const pick = (numbers: Int32Array) => indices.map((i) => numbers[i]!);
  return {
    ...{ tokens, starts: pick(starts), ends: pick(ends), learned: pick(learned) },
    ...(places && { places: { files: places.files, file: pick(places.file), line: pick(places.line) } }),
  };
}
