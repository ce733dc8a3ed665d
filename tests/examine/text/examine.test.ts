import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Examination, examine } from '../../../src/examine.js';
import { loadModel, loadTokenizer, type Model } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { LM } from '../../support/lm_model.js';
import { holds } from '../../support/property.js';
import { shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { tinyModel } from '../../support/tiny_model.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const lm = await loadModel(LM, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
/** Random weights, and a context of 40 tokens. */
const small = await loadModel(await shardedFiles(), { build: 'simd' });
test.after(() => {
  for (const model of [lm, stories, small]) model.dispose();
});

const tinyFiles = (vocabSize: number, config: Record<string, unknown>) =>
  memorySource('tiny', tinyModel(vocabSize, { config: { eos_token_id: 0, bos_token_id: 0, ...config } }));

const near = (value: number, expected: number, about: string, tolerance = 1e-4) =>
  assert.ok(
    Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${about}: ${value}, ${expected}`,
  );
const total = (values: readonly (number | undefined)[]) =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

test('ranks and entropies are those that PyTorch gives', async () => {
  const { cases } = JSON.parse(readFileSync(new URL('detect.json', LM), 'utf8'));
  for (const { ids, ranks, log_likelihood, rank, entropy } of cases) {
    const { tokens, mean, words, bins, scoredTokens } = await examine(lm, ids, { start: false });
    assert.equal(
      tokens.map((token) => token.rank),
      [undefined, ...ranks],
    );
    assert.equal(
      tokens.map(({ id }) => id),
      ids,
    );
    near(mean, log_likelihood, 'mean');
    near(total(tokens.map((token) => token.entropy)) / ranks.length, entropy, 'entropy');
    near(-total(tokens.map((token) => token.rank)) / ranks.length, rank, 'rank');
    assert.is(bins.top10, ranks.filter((found: number) => found <= 10).length);
    assert.is(bins.top100, ranks.filter((found: number) => found > 10).length);
    assert.is(scoredTokens, ranks.length);
    assert.equal(words, [], 'without a tokenizer there are no words');
  }
});

/** White space of any kind, marks, emoji, other scripts, and broken halves of characters. */
const PIECES = [
  ...['Once', ' upon', ' a', 'time', '.', ' Mr.', '!', '"', ',', ' ', '  ', '\n', '\r\n', '\t', '\u3000'],
  ...[
    '\u00a0',
    '🙂',
    '👩‍👩‍👧',
    'e\u0301',
    '日本語',
    '。',
    'Привет',
    ' कि',
    '\ufeff',
    '\ud83d',
    '<|endoftext|>',
  ],
];
const TEXTS = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 40 })
  .map((all) => all.join(''));

function checkPlaces({ text, tokens, words, sentences }: Examination): void {
  assert.is(tokens.map((token) => token.text).join(''), text);
  for (const [i, { start, end, ...token }] of tokens.entries()) {
    assert.is(text.slice(start, end), token.text);
    assert.is(start, i === 0 ? 0 : tokens[i - 1]!.end);
  }
  for (const spans of [words, sentences]) {
    let next = 0;
    for (const { firstToken, tokenCount, start, end, ...span } of spans) {
      assert.is(firstToken, next);
      next += tokenCount;
      const own = tokens.slice(firstToken, next);
      assert.is(span.text, text.slice(start, end));
      assert.match(own.map((token) => token.text).join(''), span.text);
      assert.not.match(span.text, /^\p{White_Space}|\p{White_Space}$/u);
      const logprobs = own.map(({ logprob }) => logprob).filter((logprob) => logprob !== undefined);
      assert.is(span.logprob, total(logprobs));
      assert.is(span.surprisal === undefined, logprobs.length === 0);
    }
    assert.is(next, tokens.length);
  }
  const solid = (all: string) => all.replace(/\p{White_Space}/gu, '');
  for (const spans of [words, sentences]) {
    assert.is(solid(spans.map((span) => span.text).join('')), solid(text));
  }
  // No token of this tokenizer begins with rarer white space.
  for (const word of words) assert.not.match(word.text, /[ \n\t\r]/);
}

test('tokens, words and sentences have their characters, and sum to the text', () =>
  holds(
    'examined texts',
    fc.record({ text: TEXTS, start: fc.boolean(), stride: fc.integer({ min: 1, max: 40 }) }),
    async ({ text, start, stride }) => {
      if (!start && small.tokenizer.encode(text).length === 1) return;
      const found = await examine(small, text, { start, stride, top: 2 });
      assert.is(
        found.text,
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
      );
      checkPlaces(found);
      const { tokens, words, sentences, sum, endLogprob } = found;
      near(total(words.map(({ logprob }) => logprob)), sum, 'words', 1e-9);
      near(total(sentences.map(({ logprob }) => logprob)), sum, 'sentences', 1e-9);
      near(total(words.map((word) => word.correctedLogprob)), sum + endLogprob, 'corrected', 1e-9);
      const score = await small.score(text, { start, stride, top: 2 });
      assert.equal(
        tokens.slice(tokens.length - score.logprobs.length).map(({ logprob }) => Math.fround(logprob!)),
        [...score.logprobs],
      );
      assert.equal(
        tokens.flatMap(({ top }) => top.map(({ id }) => id)),
        [...score.top!.ids],
      );
      assert.equal(
        [found.sum, found.mean, found.perplexity, found.bitsPerByte],
        [score.sum, score.mean, score.perplexity, score.bitsPerByte],
      );
    },
    60,
  ));

/** ln of the probability that a token which begins with white space or ends a text comes next, from logits. */
async function borderAfter(model: Model, ids: readonly number[]): Promise<number> {
  const { vocabSize, eosTokenIds } = model.config;
  const row = (await model.logits(ids)).slice(-vocabSize);
  const isBorder = (id: number) => eosTokenIds.includes(id) || /^\s/.test(model.tokenizer.decode([id]));
  const weights = Array.from(row, (logit) => Math.exp(logit));
  const borders = weights.filter((_, id) => isBorder(id));
  return Math.log(total(borders) / total(weights));
}

test('a word has the probability of its tokens and of its end, given the end of the word before', async () => {
  const [begin] = stories.config.eosTokenIds;
  const text = 'Once upon a time, Zed said "hello."';
  const ids = [begin!, ...stories.tokenizer.encode(text)];
  const { words, endLogprob } = await examine(stories, text);
  assert.equal(
    words.map((word) => word.text),
    text.split(' '),
  );
  for (const [i, { firstToken, tokenCount, logprob, correctedLogprob }] of words.entries()) {
    const before = i === 0 ? 0 : await borderAfter(stories, ids.slice(0, 1 + firstToken));
    const after = await borderAfter(stories, ids.slice(0, 1 + firstToken + tokenCount));
    near(correctedLogprob, logprob + after - before, `word ${i}`, 1e-5);
    if (i === words.length - 1) near(endLogprob, after, 'the end', 1e-5);
  }
  // Without a start token the first word has only the probability that it ends.
  const [first, ...others] = (await examine(stories, text, { start: false })).words;
  assert.equal([first!.logprob, first!.surprisal], [0, undefined]);
  near(first!.correctedLogprob, await borderAfter(stories, ids.slice(1, 2)), 'the first word', 1e-5);
  assert.ok(others.every(({ logprob }) => logprob < 0));
});

test('after white space and after an end of text a border of words is certain', async () => {
  const end = stories.config.eosTokenIds[0]!;
  const { words, endLogprob, sum } = await examine(stories, 'A cat. \n');
  assert.equal(
    words.map((word) => word.text),
    ['A', 'cat.', ''],
  );
  assert.is(endLogprob, 0);
  near(total(words.map((word) => word.correctedLogprob)), sum, 'the sum', 1e-9);
  const ids = [...stories.tokenizer.encode('A cat'), end, ...stories.tokenizer.encode('Once')];
  const found = await examine(stories, ids);
  assert.equal(
    found.words.map((word) => word.text),
    ['A', 'cat', '<|endoftext|>', 'Once'],
  );
});

test('the place after a text that fills the context is measured too', async () => {
  const { contextLength } = small.config;
  for (const count of [contextLength - 1, contextLength, contextLength + 1, 3 * contextLength]) {
    const ids = Array.from({ length: count }, (_, i) => small.tokenizer.encode(' a b c')[i % 3]!);
    const { endLogprob, stride, tokens } = await examine(small, ids, { stride: 7 });
    const start = small.config.eosTokenIds[0]!;
    near(
      endLogprob,
      await borderAfter(small, [start, ...ids].slice(-contextLength)),
      `${count} tokens`,
      1e-5,
    );
    assert.is(stride, count > contextLength ? 7 : undefined);
    const contexts = tokens.map(({ context }) => context!);
    assert.equal(
      contexts.slice(0, contextLength),
      contexts.slice(0, contextLength).map((_, i) => i + 1),
    );
    assert.ok(contexts.slice(contextLength).every((context) => context > contextLength - 7));
  }
  assert.is((await examine(small, new Array(90).fill(5))).stride, contextLength / 2);
});

test('an empty text is the token that ends a text', async () => {
  const { text, tokens, words, sentences, endLogprob } = await examine(stories, '');
  assert.is(text, '<|endoftext|>');
  assert.equal([tokens.length, words.length, sentences.length, endLogprob], [1, 1, 1, 0]);
});

test('offsets are those of the given text, also if the tokenizer puts a space before it', async () => {
  const folder = fileURLToPath(new URL('../../fixtures/tokenizers/byte-bpe-prefix/', import.meta.url));
  const tokenizer = await loadTokenizer(folder);
  const model = await loadModel(storiesTiny, { build: 'simd', tokenizer });
  for (const text of ['Hello world', 'hello, WORLD!', ' Hello', '🙂 a']) {
    const found = await examine(model, text);
    assert.is(found.text, text);
    checkPlaces(found);
    assert.equal(
      found.words.map((word) => word.text),
      text.trim().split(' '),
    );
  }
  model.dispose();
});

test('ids that the tokenizer lacks have no text, and all other measures', async () => {
  const { tokenizer } = stories;
  const model = await loadModel(tinyFiles(2000, {}), { build: 'simd', tokenizer });
  const ids = [1999, 40, 1024, 41];
  const found = await examine(model, ids);
  assert.is(found.text, tokenizer.decode([40, 41]));
  checkPlaces(found);
  const { logprobs, bitsPerByte, sum } = await model.score(ids);
  assert.equal(
    found.tokens.map(({ logprob }) => Math.fround(logprob!)),
    Array.from(logprobs),
  );
  const bytes = tokenizer.tokenBytes(40).length + tokenizer.tokenBytes(41).length;
  near(bitsPerByte!, -sum / Math.LN2 / bytes, 'bits per byte', 1e-9);
  model.dispose();
});

test('models that share a tokenizer have their own borders of words', async () => {
  const { tokenizer } = stories;
  const ends = [0, 500];
  const found = [];
  for (const end of ends) {
    const files = tinyFiles(1024, { eos_token_id: end, bos_token_id: 0 });
    const model = await loadModel(files, { build: 'simd', tokenizer });
    found.push((await examine(model, [40, 500, 41])).words.length);
    const again = await loadModel(files, { build: 'simd', tokenizer: await loadTokenizer(storiesTiny) });
    assert.is(found.at(-1), (await examine(again, [40, 500, 41])).words.length);
    model.dispose();
    again.dispose();
  }
  assert.ok(found[0]! < found[1]!, 'an end of text is a word of its own');
});

test("a tokenizer of one's own has words too", async () => {
  const { characters } = JSON.parse(readFileSync(new URL('rolling.json', LM), 'utf8'));
  const tokenizer = {
    encode: (text: string) => Array.from(text, (character) => characters.indexOf(character)),
    decode: (ids: number[]) => ids.map((id) => characters[id]).join(''),
  };
  const model = await loadModel(LM, { build: 'simd', tokenizer });
  const text = `${characters.slice(5, 9).join('')} ${characters.slice(11, 14).join('')}`;
  const found = await examine(model, text);
  assert.is(found.text, text);
  checkPlaces(found);
  near(total(found.words.map((word) => word.correctedLogprob)), found.sum + found.endLogprob, 'sum', 1e-9);
  model.dispose();
});

test('alternatives are the likeliest tokens, and a token inside a character has no text', async () => {
  const { tokens } = await examine(stories, 'Once 🙂', { top: 3 });
  const emoji = tokens.slice(-4).map((token) => token.text);
  assert.is(emoji.join('').trim(), '🙂');
  assert.ok(emoji.includes(''));
  const [first] = tokens;
  assert.is(first!.top.length, 3);
  assert.is(first!.top[0]!.text, 'Once');
  assert.is(first!.top[0]!.logprob, first!.logprob);
  assert.is(first!.surprisal, -first!.logprob! / Math.LN2);
  assert.equal((await examine(stories, 'Once', { top: 0 })).tokens[0]!.top, []);
});

test('a model in a worker gives the same, reports progress and stops', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const text = 'Once upon a time there was a dog. '.repeat(60);
  const reports: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => reports.push(done / total);
  assert.equal(await examine(remote, text, { onProgress }), await examine(stories, text));
  assert.ok(reports.length > 5);
  assert.equal(
    reports,
    [...reports].sort((a, b) => a - b),
  );
  assert.is(reports.at(-1), 1);
  for (const model of [remote, stories]) {
    const controller = new AbortController();
    const stop = () => controller.abort();
    await thrown(() => examine(model, text, { signal: controller.signal, onProgress: stop }), 'aborted');
  }
  remote.dispose();
});

test('a wrong text, option or model is refused by name', async () => {
  await thrown(() => examine(stories, 5 as never), 'invalid-option', 'the text is 5', 'string');
  await thrown(() => examine(stories, ['a'] as never), 'invalid-option', 'the text');
  await thrown(() => examine(stories, [1e9]), 'invalid-option', '1000000000');
  await thrown(() => examine(stories, 'a', { top: -1 }), 'invalid-option', 'top is -1');
  await thrown(() => examine(stories, 'a', { stride: 0 }), 'invalid-option', 'stride is 0');
  await thrown(() => examine(stories, 'a', { strides: 5 } as never), 'invalid-option', 'stride?');
  await thrown(() => examine(stories, 'a', { start: false }), 'invalid-option', 'nothing comes before it');
  await thrown(() => examine({} as never, 'a'), 'invalid-option', 'model');
  await thrown(() => examine(undefined as never, [1]), 'invalid-option', 'model');
  await thrown(() => examine(lm, 'a'), 'not-found', 'tokenizer');
});

test.run();
