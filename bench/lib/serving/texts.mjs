import { fileURLToPath } from 'node:url';
import { readDocuments } from '../documents.mjs';

const STORIES = fileURLToPath(new URL('../../texts/stories.valid.txt.gz', import.meta.url));

/** A function that returns so many words in a row of the held-out stories, from a random place. `random.next()`: in [0, 1). */
export function storyWords(random) {
  const words = readDocuments(STORIES).join(' ').split(/\s+/);
  return (count) => {
    const start = Math.floor(random.next() * (words.length - count));
    return words.slice(start, start + count).join(' ');
  };
}
