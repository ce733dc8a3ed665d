/** A token of a text, or one that is added around it. */
export interface EncodedToken {
  readonly id: number;
  /** Its text in the vocabulary, or the text that an added or an unknown token was found as. */
  readonly text: string;
  /** The part of the text that it stands for, in code points. */
  readonly start: number;
  readonly end: number;
  /** The text of a pair that it belongs to, 0 or 1, and the number that the tokenizer gives it. */
  readonly textIndex: number;
  readonly typeId: number;
  /** Whether it was added around the text. */
  readonly isAround: boolean;
}

/** A token that is added around a text. */
export const aroundToken = (id: number, text: string, typeId: number): EncodedToken => ({
  ...{ id, text, start: 0, end: 0, textIndex: 0, typeId, isAround: true },
});
