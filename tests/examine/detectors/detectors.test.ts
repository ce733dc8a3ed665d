import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Detectors, detectors } from '../../../src/examine/detectors/detectors.js';
import { loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { disposeLmModels, LM, lmModel } from '../../support/lm_model.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { tinyModel } from '../../support/tiny_model.js';

interface Binoculars {
  readonly score: number;
}
interface Expected {
  readonly ids: readonly number[];
  readonly log_likelihood: number;
  readonly rank: number;
  readonly log_rank: number;
  readonly lrr: number | 'NaN';
  readonly entropy: number;
  readonly fast_detect_gpt: number;
  readonly fast_detect_gpt_reference_observer: number;
  readonly binoculars: Binoculars;
  readonly binoculars_swapped: Binoculars;
}

const { cases } = JSON.parse(readFileSync(new URL('detect.json', LM), 'utf8')) as { cases: Expected[] };
const OBSERVER = new URL('../../fixtures/lm-observer/', import.meta.url);
const lm = await lmModel([0]);
const observer = await loadModel(OBSERVER, { build: 'simd' });
test.after(async () => {
  observer.dispose();
  await disposeLmModels();
});

function near(value: number | undefined, expected: number, about: string): void {
  const error = Math.abs(value! - expected);
  assert.ok(error <= 1e-4 * Math.max(1, Math.abs(expected)), `${about}: ${value}, ${expected}`);
}

test('all measures are those of the reference implementations, Binoculars in either order', async () => {
  for (const expected of cases) {
    const { ids } = expected;
    const found = await detectors(lm, ids, { observer });
    near(found.likelihood, expected.log_likelihood, 'likelihood');
    near(found.rank, expected.rank, 'rank');
    near(found.logRank, expected.log_rank, 'logRank');
    near(found.entropy, expected.entropy, 'entropy');
    near(found.curvature, expected.fast_detect_gpt, 'curvature');
    near(found.observerCurvature, expected.fast_detect_gpt_reference_observer, 'observerCurvature');
    near(found.binoculars, expected.binoculars.score, 'binoculars');
    if (expected.lrr === 'NaN') assert.is(found.lrr, undefined);
    else near(found.lrr, expected.lrr, 'lrr');
    assert.is(found.tokens, ids.length - 1);
    const swapped = await detectors(observer, ids, { observer: lm, start: false });
    near(swapped.binoculars, expected.binoculars_swapped.score, 'swapped');
    const { binoculars, observerCurvature, ...alone } = found;
    assert.equal(await detectors(lm, ids, { start: false }), alone);
    // Most texts begin with the start token.
    if (ids[0] === 0) assert.equal(await detectors(lm, ids.slice(1), { start: true }), alone);
  }
});

/** The measures by the plain formulas, each token in the window that `score` would read it in. */
async function plain(sequence: readonly number[], contextLength: number, stride: number): Promise<Detectors> {
  const { vocabSize: V } = lm.config;
  const sums = { logprob: 0, rank: 0, logRank: 0, entropy: 0, variance: 0, mean: 0, spread: 0, cross: 0 };
  const tokens = sequence.length - 1;
  const logSoftmax = (row: Float32Array) => {
    const most = Math.max(...row);
    const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
    return Array.from(row, (value) => value - most - logSum);
  };
  for (let row = 0; row <= tokens; row++) {
    // The window of row r ends at the context length, or a number of strides after it; the last row is in the last one.
    let end = Math.min(tokens, contextLength);
    while (end <= row && row < tokens) end = Math.min(tokens, end + stride);
    if (row === tokens) end = Math.max(tokens, row + 1);
    let start = Math.max(0, end - contextLength);
    if (row === tokens) {
      let last = Math.min(tokens, contextLength);
      while (last < tokens) last = Math.min(tokens, last + stride);
      start = Math.max(0, last - contextLength);
      if (last - start === contextLength) start++;
    }
    const read = sequence.slice(start, row + 1);
    const [p, q] = (await Promise.all([lm.logits(read), observer.logits(read)])).map((logits) =>
      logSoftmax(logits.subarray(-V)),
    ) as [number[], number[]];
    const moments = (weights: number[]) => {
      const mean = p.reduce((sum, value, id) => sum + Math.exp(weights[id]!) * value, 0);
      return [
        mean,
        p.reduce((sum, value, id) => sum + Math.exp(weights[id]!) * (value - mean) ** 2, 0),
      ] as const;
    };
    const [mean, spread] = moments(q);
    sums.cross -= mean;
    if (row === tokens) break;
    const [minusEntropy, variance] = moments(p);
    const own = p[sequence[row + 1]!]!;
    const rank =
      1 + p.filter((value, id) => value > own || (value === own && id < sequence[row + 1]!)).length;
    sums.logprob += own;
    sums.rank += rank;
    sums.logRank += Math.log(rank);
    sums.entropy -= minusEntropy;
    sums.variance += variance;
    sums.mean += mean;
    sums.spread += spread;
  }
  return {
    likelihood: sums.logprob / tokens,
    rank: -sums.rank / tokens,
    logRank: -sums.logRank / tokens,
    lrr: sums.logRank === 0 ? undefined : -sums.logprob / sums.logRank,
    entropy: sums.entropy / tokens,
    curvature: (sums.logprob + sums.entropy) / Math.sqrt(sums.variance),
    observerCurvature: (sums.logprob - sums.mean) / Math.sqrt(sums.spread),
    binoculars: -sums.logprob / tokens / (sums.cross / (tokens + 1)),
    tokens,
  };
}

test('texts of any length have the measures of the plain formulas, in windows as score has them', () =>
  holds(
    'detectors',
    fc.tuple(
      fc.array(fc.nat(96), { minLength: 1, maxLength: 150 }),
      fc.integer({ min: 1, max: 64 }),
      fc.boolean(),
    ),
    async ([ids, stride, start]) => {
      if (!start && ids.length === 1) return;
      const found = await detectors(lm, ids, { observer, stride, start });
      const expected = await plain(start ? [0, ...ids] : ids, lm.config.contextLength, stride);
      for (const [name, value] of Object.entries(expected)) {
        const measure = found[name as keyof Detectors];
        if (value === undefined) assert.is(measure, undefined, name);
        else near(measure, value, name);
      }
      const { sum, logprobs } = await lm.score(ids, { stride, start });
      assert.is(found.tokens, logprobs.length);
      near(found.likelihood, sum / logprobs.length, 'score');
    },
    10,
  ));

test('two models in workers, or one of them, give the bits of this thread; work reports and stops', async () => {
  const options = { build: 'simd' } as const;
  const here = await loadModel(storiesTiny, options);
  const q8 = await loadModel(storiesTiny, { ...options, weights: 'q8' });
  const there = await createWorkerModel(storiesTiny, options);
  const q8There = await createWorkerModel(storiesTiny, { ...options, weights: 'q8' });
  const text = 'Once upon a time there was a little dog. '.repeat(40);
  const progress: { done: number; total: number }[] = [];
  const onProgress = (each: { done: number; total: number }) => progress.push(each);
  const expected = await detectors(here, text, { observer: q8, onProgress });
  assert.equal(progress.at(-1), { done: expected.tokens + 1, total: expected.tokens + 1 });
  assert.ok(progress.length > 4 && expected.tokens > here.config.contextLength);
  assert.equal(await detectors(there, text, { observer: q8There }), expected);
  assert.equal(await detectors(here, text, { observer: q8There }), expected);
  const stop = new AbortController();
  const stopped = detectors(there, text, {
    observer: q8,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await thrown(() => stopped, 'aborted');
  for (const model of [here, q8, there, q8There]) model.dispose();
});

test('a model observes itself with its own curvature, and a cross entropy that is the entropy', async () => {
  const ids = [5, 80, 12, 33, 4, 61, 17];
  const found = await detectors(lm, ids, { observer: lm, start: true });
  near(found.observerCurvature, found.curvature!, 'curvature');
  const rows = await lm.score([...ids, 0]);
  near(
    found.binoculars,
    -found.likelihood / (rows.entropy.reduce((sum, value) => sum + value, 0) / 8),
    'entropy',
  );
});

test('texts that the model itself draws have curvatures around 0 with a deviation of 1', async () => {
  const endless = await lmModel([]);
  const found: number[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const { tokens } = await endless.generate([0], { seed, maxTokens: 50, temperature: 1, topK: 0, topP: 1 });
    found.push((await detectors(lm, tokens, { start: true })).curvature!);
  }
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  const deviation = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length);
  assert.ok(Math.abs(mean) < 0.4, `${mean}`);
  assert.ok(deviation > 0.7 && deviation < 1.3, `${deviation}`);
});

test('other vocabularies, short texts and wrong options are refused', async () => {
  const other = await loadModel(storiesTiny, { build: 'simd' });
  const refused = (call: () => unknown, ...words: string[]) => thrown(call, 'invalid-option', ...words);
  await refused(
    () => detectors(lm, [1, 2], { observer: other }),
    'observer needs the vocabulary',
    '97',
    '1024',
  );
  await refused(() => detectors(lm, [1], { start: false }), 'one token');
  await refused(() => detectors(lm, [1, 97]), 'token 1');
  await refused(() => detectors(lm, [1, 2], { stride: 65 }), 'stride is 65');
  await refused(() => detectors(lm, [1, 2], { obsever: lm } as never), 'did you mean observer');
  await refused(() => detectors(lm, [1, 2], { observer: 'gpt2' } as never), 'observer is "gpt2"');
  await refused(() => detectors(undefined as never, [1, 2]), 'model is undefined');
  await refused(() => detectors(lm, 5 as never), 'the text is 5');
  const startless = await loadModel(memorySource('tiny', tinyModel(97)), { build: 'simd' });
  await refused(() => detectors(startless, [1, 2], { start: true }), 'start is true', 'no token that begins');
  assert.is((await detectors(startless, [1, 2])).tokens, 1);
  startless.dispose();
  await thrown(() => detectors(lm, 'text'), 'not-found');
  other.dispose();
});

test.run();
