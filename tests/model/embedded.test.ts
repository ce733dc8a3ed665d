import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDocuments } from '../../bench/lib/documents.mjs';
import { type Build, embeddedModel, loadModel, type WeightFormat } from '../../src/index.js';
import { decodeExpected } from '../support/checkpoints.js';
import { assertLogits } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Computed in float32 by PyTorch from the weights of the file: fixtures/stories/NOTICE.txt.
const expected = decodeExpected(here('../fixtures/stories/expected.json'));
const documents = readDocuments(here('../../bench/texts/stories.valid.txt.gz')).slice(0, 40);

/** Documents on which other formats and builds are compared with f32 of the simd build. */
const SOME = 10;

/** The log-probability of each of the first held-out stories, and how many tokens and bytes they have. */
async function onHeldOutStories(build: Build, weights: WeightFormat, stories: number) {
  const model = await loadModel(embeddedModel, { build, weights });
  const { contextLength } = model.config;
  const scored = [];
  for (const text of documents.slice(0, stories)) {
    const ids = [model.tokenizer.eosTokenId!, ...model.tokenizer.encode(text)].slice(0, contextLength);
    const { sum, logprobs } = await model.score(ids, { start: false });
    const bytes = new TextEncoder().encode(model.tokenizer.decode(ids.slice(1))).length;
    scored.push({ sum, tokens: logprobs.length, bytes });
  }
  model.dispose();
  return scored;
}

type Scored = Awaited<ReturnType<typeof onHeldOutStories>>;

const total = (scored: Scored, field: keyof Scored[number]): number =>
  scored.reduce((sum, each) => sum + each[field], 0);

/** Those of the simd build in f32, whose perplexity is PyTorch's. */
let exact: Promise<Scored> | undefined;
const exactly = () => {
  exact ??= onHeldOutStories('simd', 'f32', documents.length);
  return exact;
};

/** The perplexity of some stories as a relative difference from that of the simd build in f32. */
async function changeOn(build: Build, weights: WeightFormat): Promise<number> {
  const scored = await onHeldOutStories(build, weights, SOME);
  const wanted = (await exactly()).slice(0, SOME);
  const tokens = total(scored, 'tokens');
  assert.is(tokens, total(wanted, 'tokens'));
  return Math.exp((total(wanted, 'sum') - total(scored, 'sum')) / tokens) - 1;
}

for (const build of BUILDS) {
  test(`${build}: the embedded model's logits and greedy text are PyTorch's`, async () => {
    const model = await loadModel(embeddedModel, { build, weights: 'f32' });
    const { eosTokenId } = model.tokenizer;
    assert.equal([eosTokenId, ...model.tokenizer.encode(expected.prompt)], expected.input_ids);
    assertLogits(await model.logits(expected.input_ids), expected.logits);
    const { tokens } = await model.generate(expected.input_ids, {
      temperature: 0,
      ignoreEos: true,
      maxTokens: expected.greedy.length,
    });
    assert.equal(tokens, expected.greedy);
    model.dispose();
  });

  test(`${build}: in q4, which it runs in by itself, nearly all of that text is the likeliest`, async () => {
    const model = await loadModel(embeddedModel, { build });
    assert.is(model.runtime.weights, 'q4');
    const text = [...expected.input_ids, ...expected.greedy];
    const logits = await model.logits(text.slice(0, -1));
    const V = model.config.vocabSize;
    const likeliest = text.slice(1).map((_, i) => {
      const row = logits.subarray(i * V, (i + 1) * V);
      return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
    });
    const found = likeliest.slice(-expected.greedy.length);
    const same = found.filter((id, i) => id === expected.greedy[i]).length;
    assert.ok(same >= 0.9 * expected.greedy.length, `${same} of ${expected.greedy.length}`);
    model.dispose();
  });

  for (const weights of ['q8', 'q4'] as const) {
    test(`${build}: in ${weights} its weights of 4 bits stay, and activations cost within 0.2 %`, async () => {
      const change = await changeOn(build, weights);
      assert.ok(Math.abs(change) < 2e-3, `${100 * change} %`);
      assert.ok(Math.abs(change) > 1e-6, 'f32 ran');
    });
  }
}

test('its perplexity on held-out stories is that of PyTorch', async () => {
  const scored = await exactly();
  const [sum, tokens] = [total(scored, 'sum'), total(scored, 'tokens')];
  assert.is(tokens, expected.tokens);
  const change = Math.exp(-sum / tokens) / expected.perplexity - 1;
  assert.ok(Math.abs(change) < 1e-4, `${100 * change} %`);
  const bitsPerByte = -sum / Math.LN2 / total(scored, 'bytes');
  assert.ok(bitsPerByte < 0.6, `${bitsPerByte} bits per byte`);
  if (!BUILDS.includes('relaxed')) return;
  const relaxed = await changeOn('relaxed', 'f32');
  assert.ok(Math.abs(relaxed) < 1e-4, `relaxed: ${100 * relaxed} %`);
});

test('its memory in q4 is what the documents say, a file of 8 MB', async () => {
  const model = await loadModel(embeddedModel, { threads: 1 });
  assert.ok(model.runtime.memoryBytes < 24e6, `${model.runtime.memoryBytes} bytes`);
  assert.ok(readFileSync(embeddedModel).length < 8e6);
  model.dispose();
});

test.run();
