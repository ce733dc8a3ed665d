import { invalidOption } from '../base/check_options.js';
import type { DocumentPart } from '../files/data_file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type TokenDocuments, tokenizeDocuments } from './data/token_documents.js';

/** A document: its text, a prompt with the completion that alone is learned, or a part that `readDocuments` gives. */
export type TrainingText =
  | string
  | {
      /** Text that is read but not learned. */
      readonly prompt: string;
      /** Text that is learned. */
      readonly completion: string;
    }
  | DocumentPart;

/** Documents to learn from, as text or as token ids. */
export type TrainingData = TokenDocuments | Iterable<TrainingText> | AsyncIterable<TrainingText>;

const WANTED =
  'an iterable of texts, of { prompt, completion } or of what readDocuments gives, or what tokenizeDocuments gives';

/** Throws `invalid-option` for what cannot be training data. */
export function checkData(data: unknown): void {
  const isObject = typeof data === 'object' && data !== null;
  if (isObject && ('tokens' in data || Symbol.iterator in data || Symbol.asyncIterator in data)) return;
  throw invalidOption('data', data, WANTED);
}

/** The token ids of training data. Throws as `tokenizeDocuments` does. */
export async function encodeData(
  data: TrainingData,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<TokenDocuments> {
  return 'tokens' in data ? data : tokenizeDocuments(documentParts(data), tokenizer, signal);
}

async function* documentParts(
  texts: Iterable<TrainingText> | AsyncIterable<TrainingText>,
): AsyncGenerator<DocumentPart> {
  let line = 0;
  for await (const item of texts) {
    line++;
    const whole = { file: 'data', line, prompt: '', last: true };
    if (typeof item === 'string') {
      if (item !== '') yield { ...whole, text: item };
      continue;
    }
    const { prompt, completion, text } = (item ?? {}) as Partial<Record<string, unknown>>;
    if (typeof completion === 'string' && typeof prompt === 'string') {
      yield { ...whole, prompt, text: completion };
    } else if (typeof text === 'string') yield item as DocumentPart;
    else throw invalidOption(`item ${line} of data`, item, 'a text or { prompt, completion }');
  }
}

/** A number that other documents hardly have: FNV-1a over token ids and places. */
export function fingerprint({ tokens, starts, ends, learned }: TokenDocuments): number {
  let hash = 0x811c9dc5;
  for (const numbers of [tokens, starts, ends, learned]) {
    for (let i = 0; i < numbers.length; i++) hash = Math.imul(hash ^ numbers[i]!, 0x01000193);
    hash = Math.imul(hash ^ numbers.length, 0x01000193);
  }
  return hash >>> 0;
}
