import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BATCH_ROWS } from '../../src/core/layout.js';
import { Gpt2Error, loadModel, type Model } from '../../src/index.js';
import { scoreTexts } from '../../src/score/score.js';
import { idsOnly } from '../../src/tokenizer/ids_only.js';
import { FakeCore } from '../support/fake_core.js';
import { freshSeed } from '../support/property.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const folder = new URL('../fixtures/lm/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

interface Rolling {
  readonly ids: readonly number[];
  readonly logprob: number;
  readonly logprob_context16: number;
  readonly bytes: number;
  readonly byte_perplexity?: number;
  readonly bits_per_byte?: number;
}
interface Detected {
  readonly ids: readonly number[];
  readonly ranks: readonly number[];
  readonly log_likelihood: number;
  readonly entropy: number;
}

/** The character of each token of the expected results, for counting bytes. */
const { characters, cases: rolling } = read('rolling.json') as { characters: string[]; cases: Rolling[] };
const tokenizer = {
  encode: (text: string) => Array.from(text, (character) => characters.indexOf(character)),
  decode: (ids: number[]) => ids.map((id) => characters[id]).join(''),
};
const lm = await loadModel(fileURLToPath(folder), { build: 'simd', tokenizer });
test.after(() => lm.dispose());

const near = (value: number, expected: number, about: string, tolerance = 1e-4) =>
  assert.ok(
    Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${about}: ${value}, ${expected}`,
  );

test("texts of any length score as EleutherAI's harness scores them, with disjoint and with overlapping windows", async () => {
  for (const { ids, logprob, logprob_context16, bytes, bits_per_byte, byte_perplexity } of rolling) {
    // The harness gives 0 for an empty text.
    if (ids.length === 0) continue;
    const about = `${ids.length} tokens`;
    const disjoint = await lm.score(ids, { stride: 64 });
    near(disjoint.sum, logprob, about);
    near((await lm.score(ids, { stride: 49 })).sum, logprob_context16, about);
    near(disjoint.bitsPerByte!, bits_per_byte!, about);
    near(Math.exp(-disjoint.sum / bytes), byte_perplexity!, about);
    near(disjoint.mean, logprob / ids.length, about);
    near(disjoint.perplexity, Math.exp(-logprob / ids.length), about);
    assert.equal(disjoint.tokens, ids);
    assert.is(disjoint.logprobs.length, ids.length);
    const text = tokenizer.decode([...ids]);
    assert.equal(await lm.score(text, { stride: 64 }), disjoint);
  }
});

test('ranks and entropies are those of the logits, and those that PyTorch gives', async () => {
  for (const { ids, ranks, log_likelihood, entropy } of read('detect.json').cases as Detected[]) {
    const score = await lm.score(ids, { start: false });
    assert.equal([...score.ranks], ranks);
    near(score.mean, log_likelihood, 'mean');
    near(score.entropy.reduce((sum, value) => sum + value, 0) / ranks.length, entropy, 'entropy');
  }
});

test('an empty text is the end of a text at its start, and one token is scored after the start', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const end = model.config.eosTokenIds[0]!;
  const logits = await model.logits([end]);
  const largest = Math.max(...logits);
  const logSumExp = largest + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - largest), 0));
  for (const text of ['', ' ', 'a', [5], []]) {
    const score = await model.score(text);
    assert.is(score.tokens.length, 1);
    near(score.sum, logits[score.tokens[0]!]! - logSumExp, JSON.stringify(text));
    assert.ok(score.sum < 0 && score.perplexity > 1);
    assert.is(score.bitsPerByte === undefined, score.tokens[0] === end);
    await thrown(() => model.score(text, { start: false }), 'invalid-option', 'nothing comes before it');
  }
  model.dispose();
});

/** A model without beginning-of-text and end-of-text tokens. */
async function withoutStart(): Promise<Model> {
  const config = JSON.stringify({ ...read('config.json'), bos_token_id: null, eos_token_id: null });
  const weights = readFileSync(new URL('model.safetensors', folder));
  const files = { 'config.json': new TextEncoder().encode(config), 'model.safetensors': weights };
  return loadModel(files, { build: 'simd' });
}

test('a model without a start token scores from the second token on', async () => {
  const model = await withoutStart();
  const ids = [3, 74, 46, 11];
  const score = await model.score(ids);
  assert.is(score.logprobs.length, 3);
  assert.equal(score, await model.score(ids, { start: false }));
  assert.equal({ ...(await lm.score(ids, { start: false })), bitsPerByte: undefined }, score);
  await thrown(() => model.score([3]), 'invalid-option', 'nothing comes before it');
  await thrown(
    () => model.score(ids, { start: true }),
    'invalid-option',
    'start is true',
    'no token that begins',
  );
  model.dispose();
});

test('random windows give each token the log-probability of its window, and a list of texts the scores of each', async () => {
  const random = randomSource(4001);
  for (let round = 0; round < 20; round++) {
    const ids = Array.from({ length: 2 + random.below(180) }, () => random.below(97));
    const stride = 1 + random.below(64);
    const score = await lm.score(ids, { start: false, stride });
    const i = random.below(score.logprobs.length);
    // The last token that is scored in the same window as token i; the window begins 64 tokens before it.
    const last =
      i < 64
        ? Math.min(64, ids.length - 1)
        : Math.min(ids.length - 1, 64 + stride * Math.ceil((i + 1 - 64) / stride));
    const from = Math.max(0, last - 64);
    const alone = await lm.score(ids.slice(from, i + 2), { start: false });
    assert.is(score.logprobs[i], alone.logprobs.at(-1), `${ids.length} tokens, stride ${stride}, token ${i}`);
    assert.is(score.ranks[i], alone.ranks.at(-1));
    assert.is(score.entropy[i], alone.entropy.at(-1));
  }
  const texts = ['a b', [5, 6, 7], 'c'];
  assert.equal(await lm.score(texts), [
    await lm.score('a b'),
    await lm.score([5, 6, 7]),
    await lm.score('c'),
  ]);
});

test('texts of a list share batches', async () => {
  const core = new FakeCore({ contextLength: 64 });
  const texts = Array.from({ length: 40 }, (_, i) => Array.from({ length: 10 + (i % 20) }, () => i));
  const scores = await scoreTexts(core, idsOnly(new Gpt2Error('not-found', 'no tokenizer'), 64), texts, {});
  const rows = texts.reduce((sum, { length }) => sum + length, 0);
  assert.ok(core.batches.length < 1.5 * Math.ceil(rows / BATCH_ROWS), `${core.batches.length} batches`);
  assert.equal(
    scores.map(({ tokens }) => tokens),
    texts,
  );
});

test('an error about a text of a list says which it is, and the first one counts', async () => {
  const long = new Array<number>(65).fill(1);
  await thrown(() => lm.score([[1, 2], long, [1, 2, 97], 'a']), 'context-full', 'text 1: 65 tokens');
  await thrown(() => lm.score(['a', [1, 2, 97]]), 'invalid-option', 'text 1: token 2 of the prompt');
  await thrown(() => lm.score([long], { stride: 0 }), 'invalid-option', 'stride is 0');
});

test('what cannot be scored is refused by name', async () => {
  const long = new Array<number>(65).fill(1);
  await thrown(() => lm.score(long), 'context-full', '65', '64', 'stride');
  assert.is((await lm.score(long.slice(1))).logprobs.length, 64);
  assert.is((await lm.score(long, { start: false })).logprobs.length, 64);
  for (const stride of [0, 65, 1.5, Number.NaN, '8']) {
    await thrown(() => lm.score(long, { stride: stride as number }), 'invalid-option', 'stride', '64');
  }
  await thrown(() => lm.score('a', { start: 1 as never }), 'invalid-option', 'start is 1');
  await thrown(() => lm.score('a', { signal: 5 as never }), 'invalid-option', 'signal');
  await thrown(() => lm.score('a', { strid: 8 } as never), 'invalid-option', 'strid', 'stride');
  await thrown(() => lm.score(['a', 5 as never]), 'invalid-option', 'the prompt is 5');
  await thrown(() => lm.score('a', { signal: AbortSignal.abort() }), 'aborted', 'scoring');
  const controller = new AbortController();
  const scoring = lm.score(new Array(200).fill(long), { stride: 1, signal: controller.signal });
  setTimeout(() => controller.abort(), 5);
  await thrown(() => scoring, 'aborted');
});

test('variance and likeliest tokens are those of the distributions, from any token on', async () => {
  const random = randomSource(freshSeed('variance and likeliest tokens'));
  const { vocabSize } = lm.config;
  for (const top of [1, 5, vocabSize, 1000]) {
    const ids = Array.from({ length: 2 + random.below(40) }, () => random.below(vocabSize));
    const from = 1 + random.below(ids.length - 1);
    const score = await lm.score(ids, { start: false, from, top });
    assert.is(score.logprobs.length, ids.length - from);
    const logits = await lm.logits(ids);
    const count = Math.min(top, vocabSize);
    for (let i = 0; i < score.logprobs.length; i++) {
      const row = logits.subarray((from - 1 + i) * vocabSize, (from + i) * vocabSize);
      const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
      const logprobs = Array.from(row, (value) => value - Math.log(total));
      const mean = logprobs.reduce((sum, value) => sum + Math.exp(value) * value, 0);
      const variance = logprobs.reduce((sum, value) => sum + Math.exp(value) * (value - mean) ** 2, 0);
      near(score.variance[i]!, variance, `variance at ${i}`, 1e-5);
      const likeliest = [...logprobs.keys()].sort((a, b) => logprobs[b]! - logprobs[a]!).slice(0, count);
      const found = score.top!.ids.subarray(i * count, (i + 1) * count);
      for (const [place, id] of found.entries()) {
        near(score.top!.logprobs[i * count + place]!, logprobs[id]!, `top ${place}`, 1e-5);
        // Tokens of nearly equal probability may change places.
        near(logprobs[id]!, logprobs[likeliest[place]!]!, `top ${place}`, 1e-5);
      }
      assert.is(new Set(found).size, count);
    }
  }
  assert.is((await lm.score([1, 2, 3])).top, undefined);
  await thrown(() => lm.score([1, 2], { from: 2 }), 'invalid-option', 'from is 2', 'less than');
  await thrown(() => lm.score([1, 2], { from: 0.5 }), 'invalid-option', 'from');
  await thrown(() => lm.score([1, 2], { top: 1001 }), 'invalid-option', 'top');
});

test.run();
