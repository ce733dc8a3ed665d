import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ByPosition, byPosition } from '../../../src/examine/robustness/by_position.js';
import { byPositionSvg } from '../../../src/examine/robustness/position_figure.js';
import { loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { disposeLmModels, lmModel } from '../../support/lm_model.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { tinyModel } from '../../support/tiny_model.js';

const lm = await lmModel([0]);
test.after(disposeLmModels);
const { contextLength, vocabSize } = lm.config;

const near = (value: number, expected: number, about: string) =>
  assert.ok(
    Math.abs(value - expected) <= 1e-4 * Math.max(1, Math.abs(expected)),
    `${about}: ${value}, ${expected}`,
  );

/** ln p of each token of a sequence after its first, with the number of tokens before it, from the logits. */
async function placed(sequence: readonly number[]): Promise<[before: number, logprob: number][]> {
  const found: [number, number][] = [];
  for (let start = 0; start < sequence.length - 1; start += contextLength) {
    const read = sequence.slice(start, start + contextLength + 1);
    const logits = await lm.logits(read.slice(0, contextLength));
    for (let i = 1; i < read.length; i++) {
      const row = logits.subarray((i - 1) * vocabSize, i * vocabSize);
      const sum = row.reduce((total, value) => total + Math.exp(value - row[read[i]!]!), 0);
      found.push([i, -Math.log(sum)]);
    }
  }
  return found;
}

const TEXTS = fc.array(fc.array(fc.nat(vocabSize - 1), { minLength: 2, maxLength: 150 }), {
  minLength: 1,
  maxLength: 3,
});

test('means by position are those of the logits, and buckets are those of their positions', () =>
  holds(
    'by position',
    fc.tuple(TEXTS, fc.boolean()),
    async ([texts, start]) => {
      const all: [number, number][] = [];
      for (const ids of texts) all.push(...(await placed(start ? [0, ...ids] : ids)));
      const { counts, means, buckets } = await byPosition(lm, texts.length === 1 ? texts[0]! : texts, {
        start,
      });
      const most = Math.max(...all.map(([before]) => before));
      assert.is(counts.length, most);
      assert.is(means.length, most);
      const meanIn = (from: number, to: number) => {
        const within = all.filter(([before]) => before >= from && before <= to).map(([, logprob]) => logprob);
        return {
          count: within.length,
          mean: within.reduce((sum, value) => sum + value, 0) / within.length,
          within,
        };
      };
      for (let before = 1; before <= most; before++) {
        const { count, mean } = meanIn(before, before);
        assert.is(counts[before - 1], count);
        near(means[before - 1]!, mean, `after ${before}`);
      }
      let next = 1;
      for (const { from, to, tokens, mean, standardError, perplexity } of buckets) {
        assert.is(from, next);
        assert.ok(to <= 2 * (from - 1) || from === 1);
        next = to + 1;
        const expected = meanIn(from, to);
        assert.is(tokens, expected.count);
        near(mean, expected.mean, `${from} to ${to}`);
        near(perplexity, Math.exp(-mean), 'perplexity');
        const squares = expected.within.reduce((sum, value) => sum + (value - expected.mean) ** 2, 0);
        if (tokens === 1) assert.is(standardError, undefined);
        else near(standardError!, Math.sqrt(squares / (tokens - 1) / tokens), 'standard error');
      }
      assert.is(next, most + 1);
    },
    12,
  ));

test('a text of a model in a worker has the bits of this thread, progress counts its tokens', async () => {
  const options = { build: 'simd' } as const;
  const [here, there] = [
    await loadModel(storiesTiny, options),
    await createWorkerModel(storiesTiny, options),
  ];
  const text = 'Once upon a time there was a little dog. '.repeat(60);
  const progress: { done: number; total: number }[] = [];
  const expected = await byPosition(here, text, { onProgress: (each) => progress.push(each) });
  const tokens = here.tokenizer.encode(text).length;
  assert.ok(progress.length > 1);
  assert.equal(progress.at(-1), { done: tokens, total: tokens });
  assert.equal(await byPosition(there, text), expected);
  await thrown(() => byPosition(here, text, { signal: AbortSignal.abort() }), 'aborted');
  await thrown(() => byPosition(there, text, { signal: AbortSignal.abort() }), 'aborted');
  here.dispose();
  there.dispose();
});

test('texts without a token to score and unknown options are refused', async () => {
  await thrown(() => byPosition(lm, [5], { start: false }), 'invalid-option', 'longer texts');
  await thrown(() => byPosition(lm, [5, 97]), 'invalid-option', 'token 1');
  await thrown(() => byPosition(lm, [5], { start: 1 } as never), 'invalid-option', 'start is 1');
  await thrown(() => byPosition(lm, [5], { stride: 1 } as never), 'invalid-option', 'stride');
  await thrown(() => byPosition({} as never, [5]), 'invalid-option', 'model is an object');
  const startless = await loadModel(memorySource('tiny', tinyModel(97)), { build: 'simd' });
  await thrown(() => byPosition(startless, [5, 6], { start: true }), 'invalid-option', 'start is true');
  assert.is((await byPosition(startless, [5, 6])).counts.length, 1);
  startless.dispose();
  for (const wrong of [undefined, {}, { means: new Float64Array(0), buckets: [] }]) {
    await thrown(() => byPositionSvg(wrong as never), 'invalid-option', 'the result of byPosition');
  }
});

const measured = (means: readonly number[]): ByPosition => ({
  counts: Int32Array.from(means, () => 2),
  means: Float64Array.from(means),
  buckets: Array.from({ length: Math.ceil(Math.log2(means.length)) + 1 }, (_, i) => {
    const from = i === 0 ? 1 : 2 ** (i - 1) + 1;
    const to = Math.min(2 ** i, means.length);
    const within = means.slice(from - 1, to);
    const mean = within.reduce((sum, value) => sum + value, 0) / within.length;
    return { from, to, tokens: 2 * within.length, mean, standardError: 0.01, perplexity: Math.exp(-mean) };
  }),
});

test('the figure places every column and tick within its axes, for likely and unlikely texts', () =>
  holds(
    'figure',
    fc.array(fc.double({ min: -600, max: 0, noNaN: true }), { minLength: 1, maxLength: 70 }),
    async (means) => {
      const figure = measured(means);
      const svg = byPositionSvg(figure, 'a < b & c\u0000');
      assert.not.match(svg, /NaN|Infinity|undefined/);
      assert.match(svg, 'a &lt; b &amp; c');
      const points = svg.match(/<polyline class="mean" points="([^"]*)"/)![1]!.split(' ');
      assert.is(points.length, figure.buckets.length);
      for (const point of points) {
        const [x, y] = point.split(',').map(Number) as [number, number];
        assert.ok(x > 70 && x < 780 && y >= 60 && y <= 395, point);
      }
      const ticks = [...svg.matchAll(/<path class="grid" d="M70 ([\d.e+-]+)H/g)].map(([, y]) => Number(y));
      assert.ok(ticks.length >= 2, svg);
      assert.ok(
        ticks.every((y) => y >= 59.5 && y <= 395.5),
        ticks.join(),
      );
      for (const { from, to } of figure.buckets)
        assert.match(svg, `>${from === to ? from : `${from}–${to}`}<`);
    },
    200,
  ));

test('a lower perplexity is drawn lower, at the height of its tick', () => {
  const svg = byPositionSvg(measured([-Math.log(100), -Math.log(10), -Math.log(10), -Math.log(1000)]));
  const points = svg.match(/<polyline class="mean" points="([^"]*)"/)![1]!.split(' ');
  const [hundred, ten] = points.map((point) => Number(point.split(',')[1])) as [number, number];
  assert.ok(hundred < ten);
  const ticks = [...svg.matchAll(/d="M70 ([\d.]+)H780"\/>\n<text [^>]*>(\d+)</g)];
  const at = new Map(ticks.map(([, y, value]) => [Number(value), Number(y)]));
  assert.is(at.get(100), hundred);
  assert.is(at.get(10), ten);
});

test('a figure of numbers of any size has finite places, or is refused', async () => {
  const bucket = { from: 1, to: 1, tokens: 5, mean: -2, standardError: 0.1, perplexity: 7.4 };
  const figure = (changed: object) =>
    byPositionSvg({
      counts: Int32Array.of(5),
      means: Float64Array.of(-2),
      buckets: [bucket, { ...bucket, ...changed }],
    });
  for (const changed of [{ mean: -1e38 }, { mean: -3e38, standardError: 3e38 }, { perplexity: 1e300 }]) {
    assert.not.match(figure(changed), /NaN|Infinity/);
  }
  await thrown(() => figure({ standardError: 1e308 }), 'invalid-option', 'buckets[1]');
  await thrown(() => figure({ mean: -1e308 }), 'invalid-option', 'buckets[1]');
});

test.run();
