import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadTokenizer } from '../../../build/esm/index.js';
import { readDocuments } from '../documents.mjs';

const TEXTS = fileURLToPath(new URL('../../texts/', import.meta.url));
const TOKENIZER = new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url);
const STORIES = 3;
/** Tokens of a story before the ones that are written. */
const BEGINNING = 40;
/** Most tokens of a task that are written. */
const WRITTEN = 128;

/** Held-out stories. */
export const stories = () => readDocuments(`${TEXTS}stories.valid.txt.gz`);

/**
 * Texts to be written with speculation, as GPT-2's ids of prompt and continuation together; `start` is the first that is
 * written. Of the kind `copying` are those of texts/copying/, where a line of dashes ends the prompt; stories copy nothing.
 */
export async function readTasks() {
  const tokenizer = await loadTokenizer(TOKENIZER);
  const encode = (text) => [...tokenizer.encode(text)];
  const copying = readdirSync(`${TEXTS}copying`).map((file) => {
    const [prompt, continuation] = readFileSync(`${TEXTS}copying/${file}`, 'utf8')
      .split('-----\n')
      .map(encode);
    const name = file.replace('.txt', '').replace('_', ', ');
    const ids = [...prompt, ...continuation.slice(0, WRITTEN)];
    return { kind: 'copying', name, ids, start: prompt.length };
  });
  const told = stories()
    .map(encode)
    .filter((ids) => ids.length >= BEGINNING + WRITTEN)
    .slice(0, STORIES)
    .map((ids, i) => ({ name: `story ${i + 1}`, ids: ids.slice(0, BEGINNING + WRITTEN) }));
  return [...copying, ...told.map((story) => ({ kind: 'stories', ...story, start: BEGINNING }))];
}
