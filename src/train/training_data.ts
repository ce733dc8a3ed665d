import { abortable } from '../base/abortable.js';
import { invalidOption } from '../base/check_options.js';
import { FNV_START, fnv1a } from '../base/hash.js';
import { utf8Length } from '../base/utf8_length.js';
import type { DocumentPart } from '../files/data_file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type TokenDocuments, tokenizeDocuments } from './data/token_documents.js';

/** A document: its text, a prompt and a completion, or a part that `readDocuments` gives. */
export type TrainingText =
  | string
  | {
      /** Text without a loss, on which the completion is conditioned. */
      readonly prompt: string;
      /** Text that has a loss. */
      readonly completion: string;
    }
  | DocumentPart;

/** Documents to learn from, as text or as token ids. */
export type TrainingData = TokenDocuments | Iterable<TrainingText> | AsyncIterable<TrainingText>;

const WANTED =
  'an iterable of texts, of { prompt, completion } or of what readDocuments gives, or what tokenizeDocuments gives';

/** Throws `invalid-option` if `data` is not training data. */
export function checkData(data: unknown): void {
  const isObject = typeof data === 'object' && data !== null;
  if (isObject && ('tokens' in data || Symbol.iterator in data || Symbol.asyncIterator in data)) return;
  throw invalidOption('data', data, WANTED);
}

/** Counts texts while they are encoded. */
export class TextCounts {
  /** Bytes in UTF-8; undefined for data that are encoded already. */
  bytes: number | undefined;
  /** Number of empty texts. */
  empty = 0;
}

/** Encodes training data that is not encoded yet. Throws as `tokenizeDocuments` does. */
export async function encodeData(
  data: TrainingData,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
  counts = new TextCounts(),
): Promise<TokenDocuments> {
  if ('tokens' in data) return data;
  return tokenizeDocuments(counted(documentParts(data, signal, counts), counts), tokenizer, signal);
}

async function* counted(
  parts: AsyncIterable<DocumentPart>,
  counts: TextCounts,
): AsyncGenerator<DocumentPart> {
  counts.bytes = 0;
  for await (const part of parts) {
    const { prompt, text } = part;
    if (typeof prompt === 'string') counts.bytes += utf8Length(prompt);
    counts.bytes += utf8Length(text);
    yield part;
  }
}

async function* documentParts(
  texts: Iterable<TrainingText> | AsyncIterable<TrainingText>,
  signal: AbortSignal | undefined,
  counts: TextCounts,
): AsyncGenerator<DocumentPart> {
  let line = 0;
  for await (const item of abortable(texts, signal, 'reading the data')) {
    line++;
    const whole = { file: 'data', line, prompt: '', last: true };
    if (typeof item === 'string') {
      if (item !== '') yield { ...whole, text: item };
      else counts.empty++;
      continue;
    }
    const { prompt, completion, text } = (item ?? {}) as Partial<Record<string, unknown>>;
    if (typeof completion === 'string' && typeof prompt === 'string') {
      yield { ...whole, prompt, text: completion };
    } else if (typeof text === 'string') yield item as DocumentPart;
    else throw invalidOption(`item ${line} of data`, item, 'a text or { prompt, completion }');
  }
}

/** 32-bit fingerprint of documents: their token ids, bounds and loss masks. */
export function fingerprint({ tokens, starts, ends, learned }: TokenDocuments): number {
  let hash = FNV_START;
  for (const numbers of [tokens, starts, ends, learned]) {
    hash = fnv1a(numbers.reduce(fnv1a, hash), numbers.length);
  }
  return hash >>> 0;
}
