import type { JsonObject } from '../files/json_object.js';
import { type BpeDefinition, fromFiles, fromJson } from './bpe/definition.js';
import type { TextFile } from './files/text_file.js';

/** A tokenizer model that is read: the files that hold it, and what reads them. */
export interface TokenizerModel {
  /** Its `model.type` in tokenizer.json. */
  readonly type: string;
  /** The files that hold it if there is no tokenizer.json. */
  readonly files: readonly string[];
  /** From tokenizer.json, which has this type. Throws `invalid-file` and `unsupported`. */
  fromJson(file: string, json: JsonObject): Promise<BpeDefinition>;
  /** From `files`, in their order. Throws `invalid-file`. */
  fromFiles(files: readonly TextFile[]): BpeDefinition;
}

/** Every model that is read. A file of tokenizer.json without a type, as older versions wrote it, has the first. */
export const TOKENIZER_MODELS: readonly TokenizerModel[] = [
  { type: 'BPE', files: ['vocab.json', 'merges.txt'], fromJson, fromFiles },
];
