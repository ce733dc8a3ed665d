import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import type { Span } from '../banned_texts/text_finder.js';

const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });

/** Where a sentence has English profanities of the package obscenity, also with letters exchanged or repeated. */
export function englishProfanities(sentence: string): Span[] {
  return matcher
    .getAllMatches(sentence)
    .map(({ startIndex, endIndex }) => ({ start: startIndex, end: endIndex + 1 }));
}
