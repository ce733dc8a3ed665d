import { Tokenizer } from './tokenizer.js';
import type { TokenizerParts } from './tokenizer_parts.js';

/** A tokenizer that was read: the parts of GPT-2's byte-level BPE, or a tokenizer of another kind. */
export type ReadTokenizer = TokenizerParts | Tokenizer;

/** Whether a tokenizer is of another kind than GPT-2's byte-level BPE. */
export const isOther = (read: ReadTokenizer): read is Tokenizer => 'encode' in read;

export const createTokenizer = (read: ReadTokenizer): Tokenizer =>
  isOther(read) ? read : new Tokenizer(read);
