/**
 * For each position of a text, how many tokens up to there are also the last tokens of another text, or of
 * the same one. A token takes time in proportion to the length of the text: a microsecond for 1,000 tokens.
 */
export class SuffixMatches {
  readonly lengths: number[];

  /** `text`: the tokens whose positions are compared with the end of `other`. */
  constructor(text: readonly number[], other: readonly number[]) {
    this.lengths = text.map((_, position) => {
      const most = Math.min(position + 1, other.length);
      let length = 0;
      while (length < most && text[position - length] === other[other.length - 1 - length]) length++;
      return length;
    });
  }

  /** The other text gets a token. */
  push(text: readonly number[], token: number): void {
    const { lengths } = this;
    for (let position = text.length - 1; position >= 0; position--) {
      lengths[position] = text[position] === token ? (lengths[position - 1] ?? 0) + 1 : 0;
    }
  }
}
