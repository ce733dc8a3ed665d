import { Gpt2Error } from '../../base/errors.js';
import { TOKENIZER_MODELS } from '../models.js';
import { TOKENIZER_FILE } from './file_names.js';
import { OTHER_FILES, RANKS } from './other_names.js';

/** The error for a source without a tokenizer that is read. */
export function noTokenizer(source: string, paths: readonly string[]): Gpt2Error {
  const lacking = TOKENIZER_MODELS[0]!.files.filter((path) => !paths.includes(path)).join(' and ');
  const ranks = paths.filter((path) => RANKS.test(path));
  return new Gpt2Error(
    'not-found',
    ranks.length > 1
      ? `${source} has several tokenizers: ${ranks.join(', ')}; leave one`
      : `${source} has no tokenizer: it needs ${tokenizerFiles()}; it lacks ${lacking}`,
  );
}

/** "tokenizer.json, or vocab.json and merges.txt, or one of vocab.txt, ..." */
export function tokenizerFiles(): string {
  const others = OTHER_FILES.filter((name) => !RANKS.test(name));
  return [
    ...[TOKENIZER_FILE, ...TOKENIZER_MODELS.map(({ files }) => files.join(' and '))],
    `one of ${others.join(', ')}, *.tiktoken`,
  ].join(', or ');
}
