import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { folderFixture, memorySource } from '../../support/sources.js';

const FOLDER = new URL('../../fixtures/tokenizer-pipelines/', import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'));
const TEXTS: readonly string[] = read('texts.json');
/** As the libraries encode. */
const WHOLE = { allowedSpecial: 'all', addSpecialTokens: true } as const;

interface Case {
  readonly ids: readonly number[];
  readonly ids_without_special?: readonly number[];
  readonly offsets: readonly (readonly [number, number])[];
  readonly decoded: string;
  readonly decoded_skipping?: string;
  readonly attention_mask?: readonly number[];
}

interface Expected {
  readonly vocab_size: number;
  readonly cases: readonly Case[];
  readonly pairs: readonly {
    a: string;
    b: string;
    ids: number[];
    type_ids: number[];
    special_tokens_mask: number[];
  }[];
  readonly single_decodes: readonly string[];
}

const names = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of names) {
  const expected: Expected = read(`${name}/expected.json`);
  const loading = tokenizerFromSource(folderFixture(`fixtures/tokenizer-pipelines/${name}`));

  test(`${name}: ids, offsets and decodings are those of the tokenizers library`, async () => {
    const tokenizer = await loading;
    assert.is(tokenizer.vocabSize, expected.vocab_size);
    for (const [i, text] of TEXTS.entries()) await checkCase(tokenizer, text, expected.cases[i]!);
    for (const [id, text] of expected.single_decodes.entries())
      assert.is(tokenizer.decode([id]), text, `${id}`);
    for (const pair of expected.cases[0]!.attention_mask === undefined ? expected.pairs : []) {
      const { ids, typeIds, specialTokensMask } = await tokenizer.tokenize(pair.a, {
        ...WHOLE,
        pair: pair.b,
      });
      assert.equal([ids, typeIds, specialTokensMask], [pair.ids, pair.type_ids, pair.special_tokens_mask]);
    }
  });

  test(`${name}: a stream is the decoding of all ids, and grows by what is certain`, async () => {
    const tokenizer = await loading;
    for (const { ids } of expected.cases) {
      for (const options of [{}, { continues: true }]) {
        const decoder = tokenizer.streamDecoder(options);
        const shown = ids.map((id) => decoder.push(id));
        const text = shown.join('') + decoder.end();
        if (options.continues === undefined) assert.is(text, tokenizer.decode(ids));
        else assert.is(text, textOfBytes(tokenizer, ids));
      }
    }
  });

  test(`${name}: its files make an equal tokenizer`, async () => {
    const tokenizer = await loading;
    const again = await tokenizerFromSource(memorySource('files', tokenizer.files()));
    assert.equal([again.specialTokens, again.bosTokenId], [tokenizer.specialTokens, tokenizer.bosTokenId]);
    for (const text of TEXTS) {
      const ids = tokenizer.encode(text, WHOLE);
      assert.equal(again.encode(text, WHOLE), ids);
      assert.is(again.decode(ids), tokenizer.decode(ids));
    }
    assert.equal(again.files(), tokenizer.files());
  });
}

async function checkCase(tokenizer: Tokenizer, text: string, expected: Case): Promise<void> {
  // Padding, which encode adds none of, is left out; so is the rest of a text that the library cuts.
  const count = expected.attention_mask?.filter((use) => use === 1).length;
  const ids = expected.ids.slice(0, count);
  assert.equal(tokenizer.encode(text, WHOLE).slice(0, count), ids, text);
  const encoded = await tokenizer.tokenize(text, WHOLE);
  assert.equal(encoded.ids, tokenizer.encode(text, WHOLE), text);
  assert.equal(encoded.offsets.slice(0, count), inUnits(text, expected.offsets.slice(0, count)), text);
  const without = expected.ids_without_special;
  if (without !== undefined) {
    const options = { allowedSpecial: 'all' } as const;
    assert.equal(tokenizer.encode(text, options), without, text);
    assert.equal((await tokenizer.tokenize(text, options)).ids, without, text);
  }
  const { decoded, decoded_skipping: skipping = decoded } = expected;
  assert.is(tokenizer.decode(expected.ids), decoded);
  assert.is(tokenizer.decode(expected.ids, { skipSpecialTokens: true }), skipping);
}

/** Offsets in UTF-16 units, from those in code points. */
function inUnits(text: string, offsets: readonly (readonly [number, number])[]): [number, number][] {
  const characters = [...text];
  const unit = (codePoint: number) => characters.slice(0, codePoint).join('').length;
  return offsets.map(([start, end]) => [unit(start), unit(end)]);
}

function textOfBytes(tokenizer: Tokenizer, ids: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(ids.flatMap((id) => [...tokenizer.tokenBytes(id)])),
  );
}

test.run();
