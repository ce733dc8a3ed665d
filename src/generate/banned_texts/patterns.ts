import { Gpt2Error } from '../../base/errors.js';
import type { ResolvedBannedTexts } from './banned_texts.js';
import { codePointsOf, foldCharacter, isWordCharacter } from './folding.js';

/** Where a word begins or ends, as a symbol between characters; other symbols are code points. */
export const BOUNDARY = -1;

/** Most symbols of all patterns together. */
const MOST_SYMBOLS = 100_000;

/**
 * The banned texts as folded code points. With `wholeWords` they have a boundary where a word begins or ends: "ass"
 * is boundary, a, s, s, boundary. Since a stop string ends the text before it, a whole word is then also banned with
 * each of `stops` after it.
 *
 * Throws `invalid-option` if a text has no characters that count, and if they are too long together.
 */
export function patternsOf(options: ResolvedBannedTexts, stops: readonly string[]): number[][] {
  const fold = (text: string) => codePointsOf(text).flatMap((codePoint) => foldCharacter(codePoint, options));
  const cuts = stops.map(fold).filter(([first]) => first !== undefined && isWordCharacter(first));
  const patterns: number[][] = [];
  let total = 0;
  const add = (pattern: number[]) => {
    total += pattern.length;
    if (total > MOST_SYMBOLS) {
      throw new Gpt2Error(
        'invalid-option',
        `bannedTexts, with what stop adds to whole words, have more than ${MOST_SYMBOLS} characters; ban fewer`,
      );
    }
    patterns.push(pattern);
  };
  for (const text of options.texts) {
    for (const form of options.ignoreAccents
      ? [text]
      : [text.normalize('NFC'), text.normalize('NFD'), text]) {
      const folded = fold(form);
      if (folded.length === 0) {
        throw new Gpt2Error(
          'invalid-option',
          `bannedTexts has ${JSON.stringify(text)}, which has only marks`,
        );
      }
      if (!options.wholeWords) {
        add(folded);
        continue;
      }
      add(withBoundaries(folded, false));
      if (!isWordCharacter(folded.at(-1)!)) continue;
      for (const cut of cuts) add(withBoundaries([...folded, ...cut], true));
    }
  }
  return patterns;
}

/** Inserts the boundaries; `continues`: whether more may follow the end, so that it has none. */
function withBoundaries(codePoints: readonly number[], continues: boolean): number[] {
  const symbols: number[] = [];
  let isWord = false;
  for (const codePoint of codePoints) {
    if (isWordCharacter(codePoint) !== isWord) symbols.push(BOUNDARY);
    isWord = isWordCharacter(codePoint);
    symbols.push(codePoint);
  }
  if (isWord && !continues) symbols.push(BOUNDARY);
  return symbols;
}
