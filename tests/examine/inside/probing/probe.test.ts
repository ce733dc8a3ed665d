import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyProbe, type Probe, probe } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { createWorkerModel } from '../../../../src/worker.js';
import { insideModel } from '../../../support/inside_model.js';
import { near } from '../../../support/near.js';
import { randomSource } from '../../../support/random.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';
import { fakeWorkers } from '../../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const model = await loadModel(insideModel, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  stories.dispose();
});

const random = randomSource(7);
const id = () => 1 + Math.floor(96 * random.uniform());
/** Texts of random tokens that end with one of three. */
const LAST = [5, 50, 90];
const TEXTS = Array.from({ length: 45 }, (_, i) => [id(), id(), id(), LAST[i % 3]!]);
const CLASSES = TEXTS.map((_, i) => ['five', 'fifty', 'ninety'][i % 3]!);
const ROW = { read: ['blocks.1.hook_resid_post'], logits: 'none' as const };

test('what a layer has is found, and said of other texts', async () => {
  const found = await probe(model, { texts: TEXTS, labels: CLASSES });
  assert.equal(found.classes, ['five', 'fifty', 'ninety']);
  assert.equal([found.texts, found.position], [45, 'last']);
  near(found.baseline!, 1 / 3, 1e-12);
  assert.equal(
    found.layers.map(({ layer }) => layer),
    [0, 1, 2, 3],
  );
  // The last token is in its own embedding.
  const [first] = found.layers;
  assert.equal([first!.accuracy!.count, first!.accuracy!.total, first!.explained], [45, 45, undefined]);
  assert.equal(first!.predictions, CLASSES);
  assert.equal(first!.weights.shape, [3, 32]);
  const others = LAST.map((last) => [9, 8, 7, 6, last]);
  const said = await applyProbe(model, found, others, { layer: 0 });
  assert.equal(
    said.map(({ label }) => label),
    ['five', 'fifty', 'ninety'],
  );
  // Scores are what weights and intercepts say.
  const { values } = await model.trace(others[0]!, { read: ['blocks.0.hook_resid_pre'], positions: [-1] });
  const state = values['blocks.0.hook_resid_pre']!.data;
  said[0]!.scores.forEach((score, c) => {
    const sum = state.reduce((s, value, i) => s + value * first!.weights.data[32 * c + i]!, 0);
    near(score, sum + first!.intercepts[c]!, 1e-5);
  });
});

test('figures of very large and very small numbers are finite', async () => {
  for (const labels of [
    [1e100, -1e100, 1, 2, 3, 1e99],
    [0, 1e-100, 0, 2e-100, 1e-100, 0],
    [0, 1e-290, 1e100, 2, 3, 4],
  ]) {
    const texts = [[1], [2], [3], [4], [5], [6]];
    const found = await probe(model, { texts, labels, layers: [1], folds: 3 });
    const { explained, predictions } = found.layers[0]!;
    const figures = [explained!.r2, ...(explained!.interval ?? []), ...(predictions as number[])];
    assert.ok(figures.every(Number.isFinite), `${labels}: ${figures}`);
  }
});

test('labels at random are not found', async () => {
  let right = 0;
  for (let run = 0; run < 12; run++) {
    const labels = TEXTS.map(() => random.uniform() < 0.5);
    const found = await probe(model, { texts: TEXTS, labels, layers: [3], position: 'mean', penalties: [1] });
    assert.equal(new Set(found.classes), new Set([true, false]));
    right += found.layers[0]!.accuracy!.share / 12;
  }
  // The seed is fixed; the standard error of this mean is about 0.03.
  assert.ok(right > 0.4 && right < 0.6, String(right));
});

test('numbers that are linear in a layer are explained by it, and no text is judged by its own label', async () => {
  const texts = Array.from({ length: 60 }, () => [id(), id(), id()]);
  const labels = await Promise.all(
    texts.map(async (ids) => {
      const { values } = await model.trace(ids, ROW);
      const numbers = values[ROW.read[0]!]!.data;
      return 100 + [0, 1, 2].reduce((sum, i) => sum + 5 * numbers[32 * i + 3]! - numbers[32 * i + 30]!, 0);
    }),
  );
  const options = { texts, labels, layers: [2], position: 'mean' as const, penalties: [1e-4] };
  const found = await probe(model, options);
  const { explained, accuracy, predictions, penalty } = found.layers[0]!;
  assert.equal([found.classes, found.baseline, accuracy, penalty], [undefined, undefined, undefined, 1e-4]);
  assert.ok(explained!.r2 > 0.95, String(explained!.r2));
  assert.ok(explained!.interval![0] < explained!.r2 && explained!.r2 < explained!.interval![1]);
  const mean = labels.reduce((sum, value) => sum + value, 0) / 60;
  const errors = labels.reduce((sum, value, i) => sum + (value - (predictions[i] as number)) ** 2, 0);
  near(explained!.r2, 1 - errors / labels.reduce((sum, value) => sum + (value - mean) ** 2, 0), 1e-9);
  const [said] = await applyProbe(model, found, [texts[0]!]);
  near(said!.label as number, labels[0]!, 1);
  assert.equal(said!.scores, [said!.label]);

  const changed = await probe(model, {
    ...options,
    labels: labels.map((value, i) => (i === 17 ? -500 : value)),
  });
  const other = changed.layers[0]!.predictions;
  assert.is(other[17], predictions[17]);
  assert.not.equal(other, predictions);
  // Other seeds divide the texts in other ways.
  assert.not.equal((await probe(model, { ...options, seed: 1 })).layers[0]!.predictions, predictions);
});

test('texts of a group are left out together', async () => {
  // Each text twice, once for each group: alone, its twin gives its number away.
  const half = Array.from({ length: 20 }, () => [id(), id(), id()]);
  const numbers = half.map(() => random.uniform());
  const [texts, labels] = [
    [...half, ...half],
    [...numbers, ...numbers],
  ];
  const options = { texts, labels, layers: [1], penalties: [1e-6] };
  const groups = labels.map((_, i) => `text ${i % 20}`);
  assert.ok((await probe(model, options)).layers[0]!.explained!.r2 > 0.5);
  const found = await probe(model, { ...options, groups });
  assert.ok(found.layers[0]!.explained!.r2 < 0.1, String(found.layers[0]!.explained!.r2));
  const { predictions } = found.layers[0]!;
  assert.equal(predictions.slice(20), predictions.slice(0, 20));
});

test('texts of one state each give the baseline', async () => {
  const texts = Array.from({ length: 9 }, () => [4, 5]);
  const labels = ['a', 'a', 'b', 'a', 'a', 'b', 'a', 'a', 'b'];
  const found = await probe(model, { texts, labels, layers: [1], folds: 3 });
  assert.is(found.layers[0]!.accuracy!.share, found.baseline);
});

test('a model in a worker says the same, and a probe is data', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const animals = ['cat', 'dog', 'bird'];
  const texts = Array.from(
    { length: 18 },
    (_, i) => `${['The', 'A', 'One', 'My', 'Her', 'His'][i % 6]} ${animals[i % 3]}`,
  );
  const options = { texts, labels: texts.map((_, i) => i % 3 === 0), folds: 3, layers: [0, 2] };
  const done: number[] = [];
  const here = await probe(stories, options);
  const there = await probe(remote, { ...options, onProgress: (now) => done.push(now.done, now.total) });
  assert.equal(there, here);
  assert.equal(done.slice(-2), [18 + 2 * 4, 18 + 2 * 4]);
  const kept: Probe = structuredClone(here);
  const said = await applyProbe(remote, kept, ['That cat', 'That dog'], { layer: 2 });
  assert.equal(await applyProbe(stories, here, ['That cat', 'That dog'], { layer: 2 }), said);
  await remote.dispose();
});

test('wrong arguments are refused', async () => {
  const right = { texts: [[1], [2], [3], [4]], labels: ['a', 'b', 'a', 'b'] };
  for (const options of [
    { texts: [] },
    { texts: [[1], [2], [3]] },
    { texts: undefined },
    { labels: undefined },
    { labels: ['a', 'b'] },
    { labels: ['a', 'a', 'a', 'a'] },
    { labels: ['a', 'a', 'a', 'b'] },
    { labels: [1, 1, 1, 1] },
    { labels: [1, 2, 3, Number.NaN] },
    { labels: [1, 2, 3, Number.POSITIVE_INFINITY] },
    { labels: [1e300, 2e300, 1, 2] },
    { labels: [1e-200, 2e-200, 1e-200, 3e-200] },
    { labels: [1, 2, 'a', 'b'] },
    { labels: [{}, {}, {}, {}] },
    { labels: [null, null, undefined, undefined] },
    { labels: new Array(4) },
    { labels: 'abab' },
    { groups: [1, 2, 3] },
    { groups: [1, 1, 2, 2] },
    { groups: [1, 2, 3, Number.NaN] },
    { groups: [1, 2, 3, {}] },
    { groups: 'abcd' },
    // One class is in one group.
    { groups: ['x', 'y', 'x', 'z'] },
    { layers: [4] },
    { layers: [] },
    { position: 'first' },
    { penalties: [] },
    { penalties: [0] },
    { penalties: [1e9] },
    { penalties: [Number.NaN] },
    { folds: 1 },
    { folds: 101 },
    { seed: -1 },
    { layer: 1 },
  ]) {
    await thrown(() => probe(model, { ...right, ...options } as never), 'invalid-option');
  }
  await thrown(() => probe(model, { texts: [[1], [2]], labels: ['a', 'b'] }), 'invalid-option');
  const many = Array.from({ length: 40_000 }, (_, i) => [1 + (i % 96)]);
  const kinds = many.map((_, i) => `class ${i % 900}`);
  await thrown(() => probe(model, { texts: many, labels: kinds }), 'out-of-memory');
  const groups = many.map((_, i) => Math.min(i, 3));
  await thrown(() => probe(model, { texts: many, labels: kinds, groups }), 'invalid-option', /39997 texts/);
  const long = new Array(65).fill(5);
  await thrown(() => probe(model, { ...right, texts: [[1], [2], [3], long] }), 'context-full');
  await thrown(() => probe(model, { ...right, signal: AbortSignal.abort() }), 'aborted');
  const controller = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done > 4) controller.abort();
  };
  await thrown(() => probe(model, { ...right, signal: controller.signal, onProgress }), 'aborted');

  const found = await probe(model, { ...right, layers: [1] });
  const [layer] = found.layers;
  for (const wrong of [
    undefined,
    {},
    { ...found, layers: [] },
    { ...found, classes: ['a'] },
    { ...found, position: 'all' },
    { ...found, layers: [{ ...layer, layer: 4 }] },
    { ...found, layers: [{ ...layer, intercepts: [0] }] },
    { ...found, layers: [{ ...layer, intercepts: [0, Number.NaN] }] },
    { ...found, layers: [{ ...layer, weights: undefined }] },
    { ...found, layers: [null] },
  ]) {
    await thrown(() => applyProbe(model, wrong as never, [[1]]), 'invalid-option');
  }
  await thrown(() => applyProbe(stories, found, ['a']), 'invalid-option', /channels/);
  await thrown(() => applyProbe(model, found, []), 'invalid-option');
  await thrown(() => applyProbe(model, found, [[1]], { layer: 2 }), 'invalid-option');
});

test.run();
