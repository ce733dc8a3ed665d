/** Changes of a text before SentencePiece's own normalization, by the tokenizers of transformers. */
export const PREPARATIONS = {
  /** T5Tokenizer with do_lower_case. */
  lowercase: (text: string) => text.toLowerCase(),
  /** GPTSw3Tokenizer: no control characters, plain spaces, NFC. */
  gpt_sw3: (text: string) => text.replace(UNPRINTED, '').replace(SPACES, ' ').normalize('NFC'),
} as const;

export type Preparation = keyof typeof PREPARATIONS;

/** Characters that do not print, but for tabs and line feeds; with the no-break space and the soft hyphen. */
export const UNPRINTED = /(?![\t\n])[\p{Cc}\xa0\xad\u200b]/gu;
/** Spaces of other widths, and the object replacement character. */
export const SPACES = /[\u2000-\u200a\u202f\u205f\u3000\ufffc]/g;
