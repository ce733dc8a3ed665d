import { loadTokenizer } from '../../build/esm/index.js';

const TOKENIZER = new URL('../../tests/fixtures/gpt2-tokenizer/', import.meta.url);
/** Ids near one another are of words that are about as common: steps of a prime mix them. */
const STEP = 7919;

/**
 * A function that makes prompts of `length` whole words, a token each: as ids, and as the text that gives these ids,
 * for engines that take only text. Each prompt begins at the word after the last one of the prompt before, so that no
 * engine finds its keys and values in a cache.
 */
export async function wordPrompts() {
  const tokenizer = await loadTokenizer(TOKENIZER);
  const words = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) =>
    /^ [a-z]{3,}$/.test(tokenizer.decode([id])),
  );
  let used = 0;
  return (length) => {
    const ids = Array.from({ length }, (_, i) => words[((used + i) * STEP) % words.length]);
    used += length;
    const text = tokenizer.decode(ids);
    const again = tokenizer.encode(text);
    if (again.length !== length) throw new Error(`the prompt of ${length} words has ${again.length} tokens`);
    return { ids: [...again], text };
  };
}
