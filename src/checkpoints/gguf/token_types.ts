/** Values of tokenizer.ggml.token_type: ordinary text, special tokens, added tokens, ids without a token. */
export const NORMAL = 1;
export const CONTROL = 3;
export const USER_DEFINED = 4;
export const UNUSED = 5;
/** The value of tokenizer.ggml.model in a file without a tokenizer. */
export const NO_TOKENIZER = 'no_vocab';
/** Characters that are the same in plain text and in the byte alphabet. */
export const SAME_IN_BOTH = /^[!-~]+$/;
