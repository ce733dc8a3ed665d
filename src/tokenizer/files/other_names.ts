/**
 * Files that hold a whole tokenizer, in the order in which they are looked for. A file of ranks may have any
 * name that `RANKS` matches, if it is the only one.
 */
export const OTHER_FILES: readonly string[] = [
  'spiece.model',
  'tokenizer.model',
  'sentencepiece.bpe.model',
  'vocab.txt',
  'gpt2.tiktoken',
  'r50k_base.tiktoken',
  'p50k_base.tiktoken',
  'p50k_edit.tiktoken',
  'cl100k_base.tiktoken',
  'o200k_base.tiktoken',
  'meta.pkl',
  'gpt2_tokenizer.bin',
];

export const RANKS = /^[^/]*\.tiktoken$/;
