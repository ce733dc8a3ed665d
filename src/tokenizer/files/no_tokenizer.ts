import { Gpt2Error } from '../../base/errors.js';
import { TOKENIZER_MODELS } from '../models.js';
import { TOKENIZER_FILE } from './file_names.js';

/** Files of tokenizers that are not read, and their kinds. */
export const FOREIGN_TOKENIZERS: ReadonlyMap<string, string> = new Map([
  ['vocab.txt', 'WordPiece'],
  ['spiece.model', 'SentencePiece'],
  ['tokenizer.model', 'SentencePiece'],
]);

/** The error for a source without a tokenizer that is read. */
export function noTokenizer(source: string, paths: readonly string[]): Gpt2Error {
  for (const [path, kind] of FOREIGN_TOKENIZERS) {
    if (!paths.includes(path)) continue;
    return new Gpt2Error(
      'unsupported',
      `${source}: ${path} is a ${kind} tokenizer; only byte-level BPE is supported`,
    );
  }
  const lacking = TOKENIZER_MODELS[0]!.files.filter((path) => !paths.includes(path)).join(' and ');
  return new Gpt2Error(
    'not-found',
    `${source} has no tokenizer: it needs ${tokenizerFiles()}; it lacks ${lacking}`,
  );
}

/** "tokenizer.json, or vocab.json and merges.txt" */
export function tokenizerFiles(): string {
  return [TOKENIZER_FILE, ...TOKENIZER_MODELS.map(({ files }) => files.join(' and '))].join(', or ');
}
