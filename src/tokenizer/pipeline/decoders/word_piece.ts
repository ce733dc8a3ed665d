/** Spaces that English does not have, and contractions, as BERT's decoder removes them. */
const CLEANUP: readonly (readonly [from: string, to: string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

export const cleanUp = (text: string): string =>
  CLEANUP.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text);

/** Puts a space before each token that does not continue a word. */
export const wordPiece =
  (prefix: string, cleansUp: boolean) =>
  (token: string, isFirst: boolean): string => {
    const spaced = isFirst ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
    return cleansUp ? cleanUp(spaced) : spaced;
  };
