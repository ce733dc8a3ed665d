import { Gpt2Error } from '../../../base/errors.js';
import type { WordPair } from '../counterfactual/gendered_words.js';
import { type FileText, fileLines, noEntries } from './file_text.js';

/**
 * Reads pairs of words that take each other's place: two words in each line, separated by a comma, a tab or spaces.
 * Throws `invalid-file`; `name` names the file in messages.
 */
export function readWordPairs(file: FileText, name = 'the file of pairs'): WordPair[] {
  const pairs = fileLines(file, name).map(({ number, text }): WordPair => {
    const [first, second, ...rest] = text.trim().split(/\s*,\s*|\s+/);
    if (first && second && rest.length === 0 && first.toLowerCase() !== second.toLowerCase())
      return [first, second];
    throw new Gpt2Error('invalid-file', `${name} line ${number} needs two different words`);
  });
  if (pairs.length === 0) throw noEntries(name, 'pairs');
  return pairs;
}
