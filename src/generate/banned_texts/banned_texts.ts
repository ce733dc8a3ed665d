/** Texts that a completion may not contain, and what counts as the same text. */
export interface BannedTexts {
  /** One or more texts; none may be empty. */
  readonly texts: string | readonly string[];
  /** Whether upper and lower case count as the same. Default false. */
  readonly ignoreCase?: boolean | undefined;
  /**
   * Whether letters count as the same with and without accents and other marks: they are decomposed by Unicode's
   * NFD, and the marks are removed. Default false: a text is found as it is written, composed and decomposed.
   */
  readonly ignoreAccents?: boolean | undefined;
  /**
   * Whether a text counts only if no other letter, digit, mark or underscore is next to its letters: "ass" then does
   * not ban "assume". A token that ends with such a word is 64 times less likely than the model says, since the word
   * must then become a longer one. Default false.
   */
  readonly wholeWords?: boolean | undefined;
}

/** With all defaults filled in. */
export interface ResolvedBannedTexts {
  readonly texts: readonly string[];
  readonly ignoreCase: boolean;
  readonly ignoreAccents: boolean;
  readonly wholeWords: boolean;
}
