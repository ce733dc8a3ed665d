import { type BpeDefinition, fromFiles } from './bpe/definition.js';
import type { TextFile } from './files/text_file.js';

/** A tokenizer in files other than tokenizer.json, and the function that reads them. */
export interface TokenizerModel {
  readonly files: readonly string[];
  /** Reads `files`, given in that order. Throws `invalid-file`. */
  fromFiles(files: readonly TextFile[]): Promise<BpeDefinition>;
}

/** Every form that is looked for in a source without tokenizer.json. */
export const TOKENIZER_MODELS: readonly TokenizerModel[] = [
  { files: ['vocab.json', 'merges.txt'], fromFiles: fromFiles as TokenizerModel['fromFiles'] },
  // OpenAI's own names of the same two files
  { files: ['encoder.json', 'vocab.bpe'], fromFiles: fromFiles as TokenizerModel['fromFiles'] },
];
