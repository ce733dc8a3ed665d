import type { JsonObject } from '../files/json_object.js';
import { type BpeDefinition, fromFiles, fromJson } from './bpe/definition.js';
import type { TextFile } from './files/text_file.js';

/** A tokenizer model that is read: its files, and the functions that read them. */
export interface TokenizerModel {
  /** Its `model.type` in tokenizer.json. */
  readonly type: string;
  /** Its files in a source without tokenizer.json. */
  readonly files: readonly string[];
  /** Reads a tokenizer.json of this type. Throws `invalid-file` and `unsupported`. */
  fromJson(file: string, json: JsonObject): Promise<BpeDefinition>;
  /** Reads `files`, given in that order. Throws `invalid-file`. */
  fromFiles(files: readonly TextFile[]): Promise<BpeDefinition>;
}

/**
 * Every model that is read; the first is that of a tokenizer.json without a type, as older versions wrote it.
 */
export const TOKENIZER_MODELS: readonly TokenizerModel[] = [
  { type: 'BPE', files: ['vocab.json', 'merges.txt'], fromJson, fromFiles },
];
