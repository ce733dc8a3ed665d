import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadModel, type Model } from '../../../src/index.js';

const folder = new URL('../../fixtures/lm/', import.meta.url);

/** Expected results of the model of tests/fixtures/lm. */
export const readLm = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

/** The character of each token. */
export const { characters } = readLm('rolling.json') as { characters: string[] };

export const textOf = (ids: readonly number[]): string => ids.map((id) => characters[id]).join('');

/** The model with a tokenizer whose tokens are characters. */
export function loadLm(): Promise<Model> {
  return loadModel(fileURLToPath(folder), {
    build: 'simd',
    tokenizer: {
      encode: (text: string) => Array.from(text, (character) => characters.indexOf(character)),
      decode: textOf,
    },
  });
}
