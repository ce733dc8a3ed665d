import { readFileSync } from 'node:fs';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { type TrainTokenizerOptions, trainTokenizer } from '../../../src/tokenizer/train/train_tokenizer.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { BYTE_SYMBOLS, loadFiles, type Random, randomText, readFixture, wellFormed } from '../helpers.js';

const PIECE =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The reference implementation: counts all pairs again for every merge. */
function naiveMerges(texts: readonly string[], wanted: number, minFrequency: number): string[] {
  const order = BYTE_SYMBOLS.slice().sort();
  const ids = new Map(order.map((symbol, id) => [symbol, id]));
  const words = texts.flatMap((text) =>
    Array.from(wellFormed(text).matchAll(PIECE), ([piece]) =>
      Array.from(new TextEncoder().encode(piece), (byte) => BYTE_SYMBOLS[byte]!),
    ),
  );
  const merges = new Set<string>();
  while (ids.size < 256 + wanted) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const rank = (pair: string) => pair.split(' ').map((half) => ids.get(half)!);
    const [best] = [...counts].sort(([a, countA], [b, countB]) => {
      const [leftA, rightA] = rank(a);
      const [leftB, rightB] = rank(b);
      return countB - countA || leftA! - leftB! || rightA! - rightB!;
    });
    if (best === undefined || best[1] < minFrequency) break;
    const [left, right] = best[0].split(' ') as [string, string];
    merges.add(best[0]);
    if (!ids.has(left + right)) ids.set(left + right, ids.size);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right);
      }
    }
  }
  return [...merges];
}

const mergesOf = (tokenizer: Tokenizer) => tokenizer.files()['merges.txt']!.split('\n').slice(1, -1);

const train = (texts: readonly string[], options: TrainTokenizerOptions) => trainTokenizer(texts, options);

/** Words over a few letters, so that pairs are often equally frequent, overlap, and recur after merges. */
function repetitiveText(random: Random): string {
  const letters = random.pick(['ab', 'aab', 'abcde', 'é -', 'a1!']);
  const word = () => Array.from({ length: 1 + random.below(9) }, () => random.pick([...letters])).join('');
  return Array.from({ length: 1 + random.below(30) }, word).join(random.pick([' ', '\n', '']));
}

test('merges are those of counting all pairs anew each time', async () => {
  const random = randomSource(501);
  for (let round = 0; round < 150; round++) {
    const texts = Array.from({ length: random.below(4) }, () =>
      random.uniform() < 0.7 ? repetitiveText(random) : randomText(random, 200),
    );
    const wanted = random.below(40);
    const minFrequency = 1 + random.below(3);
    const tokenizer = await train(texts, { vocabSize: 257 + wanted, minFrequency });
    assert.equal(mergesOf(tokenizer), naiveMerges(texts, wanted, minFrequency), JSON.stringify(texts));
  }
});

test("merges are those of Hugging Face's own trainer", async () => {
  const { lines, merges } = JSON.parse(
    readFileSync(new URL('../../fixtures/bpe-trainer/expected.json', import.meta.url), 'utf8'),
  ) as { lines: string[]; merges: string[] };
  const tokenizer = await train(lines, { vocabSize: 257 + merges.length, minFrequency: 1 });
  assert.equal(mergesOf(tokenizer), merges);
});

test('the order of the texts and their cutting at words do not matter', async () => {
  const random = randomSource(502);
  const texts = Array.from({ length: 30 }, () => randomText(random, 300));
  const options = { vocabSize: 500 };
  const files = (await train(texts, options)).files();
  assert.equal((await train(texts.slice().reverse(), options)).files(), files);
  const cut = texts.flatMap((text) => text.split(/(?<=[a-z])(?=[ \n])/));
  assert.ok(cut.length > texts.length);
  assert.equal((await train(cut, options)).files(), files);
});

test('the vocabulary is 256 bytes, merges and the end of text, which has the last id', async () => {
  const tokenizer = await train(['low lower lowest', 'low low'], { vocabSize: 260 });
  assert.is(tokenizer.vocabSize, 260);
  assert.is(tokenizer.eosTokenId, 259);
  assert.is(tokenizer.bosTokenId, 259);
  assert.equal([...tokenizer.specialTokens], [['<|endoftext|>', 259]]);
  assert.is(tokenizer.decode([256]), 'lo');
  assert.is((await train(['aa'], { vocabSize: 300 })).vocabSize, 257);
  assert.is((await train([], { vocabSize: 257 })).vocabSize, 257);
});

test('its files give the same ids here and in Hugging Face tokenizers, on text that was held out', async () => {
  const random = randomSource(503);
  const story = readFixture('vectors.json');
  const texts = [story.slice(0, 60_000), ...Array.from({ length: 40 }, () => randomText(random, 400))];
  const trained = await train(texts, { vocabSize: 1500 });
  const files = trained.files();
  const { 'tokenizer.json': whole, ...rest } = files;
  const { 'vocab.json': vocab, 'merges.txt': merges } = files;
  const config = JSON.parse(files['tokenizer_config.json']!);
  const others = [
    await loadFiles({ 'tokenizer.json': whole! }),
    await loadFiles({ 'vocab.json': vocab!, 'merges.txt': merges! }),
    await loadFiles(rest),
  ];
  const huggingFace = new HuggingFaceTokenizer(JSON.parse(whole!), config);
  const heldOut = [
    story.slice(60_000, 64_000),
    ...Array.from({ length: 200 }, () => randomText(random, 200)),
  ];
  for (const text of heldOut) {
    const ids = trained.encode(text);
    for (const other of others) assert.equal(other.encode(text), ids, text);
    // The other library splits with JavaScript's \s, which has U+FEFF and lacks U+0085.
    const plain = wellFormed(text).replace(/[\ufeff\u0085]/g, '');
    const { ids: theirs } = huggingFace.encode(plain, { add_special_tokens: false });
    assert.equal(theirs, trained.encode(plain, { allowedSpecial: 'all' }), JSON.stringify(plain));
  }
});

test('tokens may look like numbers or names of object members', async () => {
  const text = ' constructor 7 7 77 77 toString __proto__'.repeat(9);
  const tokenizer = await train([text], { vocabSize: 320, minFrequency: 1 });
  assert.ok(tokenizer.encode(text).length < text.length / 3);
  const again = await loadFiles(tokenizer.files());
  assert.equal(again.encode(text), tokenizer.encode(text));
});

test('one very long word is learned from in reasonable time', async () => {
  const random = randomSource(504);
  const word = Array.from({ length: 200_000 }, () => random.pick(['a', 'c', 'g', 't'])).join('');
  const tokenizer = await train([word, 'a'.repeat(100_000)], { vocabSize: 2000 });
  assert.is(tokenizer.vocabSize, 2000);
});

test('bad options are refused, and a signal ends the training', async () => {
  for (const vocabSize of [256, 2 ** 20 + 1, 300.5, Number.NaN]) {
    await thrown(() => train([], { vocabSize }), 'invalid-option', 'vocabSize', '257');
  }
  await thrown(() => train([], { vocabSize: 300, minFrequency: 0 }), 'invalid-option', 'minFrequency');
  await thrown(() => train([], { vocabSize: 300, size: 1 } as never), 'invalid-option', 'size');
  const controller = new AbortController();
  const steps: number[] = [];
  const random = randomSource(505);
  const texts = [randomText(random, 20_000)];
  const onProgress = ({ done }: { done: number }) => {
    steps.push(done);
    controller.abort();
  };
  await thrown(
    () => train(texts, { vocabSize: 5000, minFrequency: 1, signal: controller.signal, onProgress }),
    'aborted',
  );
  assert.equal(steps, [512]);
});

test.run();
