import { readdirSync, readFileSync } from 'node:fs';
import { Tokenizer as Reference } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import { holds } from '../../support/property.js';
import { folderFixture } from '../../support/sources.js';

const FOLDER = new URL('../../fixtures/tokenizer-pipelines/', import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'));

/** Scripts, each as the first and the last code point of a range whose characters are all assigned. */
const SCRIPTS: readonly (readonly [first: number, last: number])[] = [
  [0x61, 0x7a],
  [0x41, 0x5a],
  [0x30, 0x39],
  [0x21, 0x2f],
  [0xc0, 0xd6],
  [0xe0, 0xf6],
  [0x3b1, 0x3c1],
  [0x410, 0x44f],
  [0x5d0, 0x5ea],
  [0x627, 0x63a],
  [0x905, 0x939],
  [0xe01, 0xe2e],
  [0x3041, 0x3093],
  [0x30a1, 0x30f6],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
  [0x1f600, 0x1f64f],
];

const character = fc
  .constantFrom(...SCRIPTS)
  .chain(([first, last]) => fc.integer({ min: first, max: last }))
  .map((code) => String.fromCodePoint(code));
const word = fc.array(character, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
/** Texts of words in many scripts with one space between them. */
const texts = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '));

/**
 * Kinds of which the reference has another reading than the tokenizers library, whose results are in goldens.test.ts: it
 * drops the space of a Metaspace that puts none, keeps the matches of Split that are to be removed, has no byte fallback
 * of Unigram, and other words in the pre-tokenizer Whitespace.
 */
const OTHERWISE = ['metaspace-never', 'split-behaviors', 'unigram-bytes', 'wordlevel-whitespace'];
const KINDS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !OTHERWISE.includes(entry.name))
  .map(({ name }) => name);

for (const name of KINDS) {
  const json = read(`${name}/tokenizer.json`);
  const reference = new Reference(json, read(`${name}/tokenizer_config.json`));
  test(`${name}: random texts in many scripts get the ids of another implementation`, async () => {
    const tokenizer = await tokenizerFromSource(folderFixture(`fixtures/tokenizer-pipelines/${name}`));
    const check = async (text: string) => {
      const { ids } = reference.encode(text, { add_special_tokens: true });
      assert.equal(tokenizer.encode(text, { allowedSpecial: 'all', addSpecialTokens: true }), ids, text);
      for (const skips of [false, true]) {
        const options = { skip_special_tokens: skips, clean_up_tokenization_spaces: false };
        assert.is(tokenizer.decode(ids, { skipSpecialTokens: skips }), reference.decode(ids, options), text);
      }
    };
    await holds(name, texts, check, 12);
  });
}

test.run();
