import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectWatermark, type GreenDetection, type TournamentDetection } from '../../../src/examine.js';
import { type GenerateOptions, loadModel, loadTokenizer, type Watermark } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { disposeLmModels, lmModel } from '../../support/lm_model.js';
import { near } from '../../support/near.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { KGW, kgwOf, SAMPLING_TABLE, SYNTH_ID, synthIdOf } from '../../support/watermarks.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const lm = await lmModel([0]);
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(async () => {
  await disposeLmModels();
  stories.dispose();
});

test('green tokens, z and the approximated p are those of transformers', async () => {
  for (const each of KGW) {
    const given = each.green_of_previous_token && { greenlists: each.green_of_previous_token };
    for (const watermark of [kgwOf(each), { ...kgwOf(each), ...given }]) {
      for (const { ids, green_flags, green_flags_from, detector } of each.detect) {
        const found = (await detectWatermark(lm, ids, watermark)) as GreenDetection;
        assert.equal([...found.flags], green_flags);
        assert.is(found.first, green_flags_from);
        assert.is(found.tokens, detector.num_tokens_scored);
        assert.is(found.green, detector.num_green_tokens);
        near(found.fraction, detector.green_fraction, 1e-12, 'fraction');
        near(found.z, detector.z_score, 1e-12, 'z');
        near(found.transformersP, detector.p_value, 1e-12, 'p');
      }
    }
  }
});

test('values, masks and means of SynthID-Text are those of transformers', async () => {
  for (const each of SYNTH_ID) {
    for (const watermark of [synthIdOf(each), { ...synthIdOf(each), samplingTable: SAMPLING_TABLE }]) {
      for (const { ids, g_values, context_repetition_mask, eos_mask, mean, weighted_mean } of each.detect) {
        const found = (await detectWatermark(lm, ids, watermark)) as TournamentDetection;
        assert.equal([...found.gValues], g_values.flat());
        assert.equal([...found.isNewContext], context_repetition_mask);
        assert.equal([...found.isBeforeEnd], eos_mask);
        assert.equal(
          [...found.counts],
          eos_mask.map((isBefore, i) => isBefore * context_repetition_mask[i]!),
        );
        near(found.mean, mean, 1e-6, 'mean');
        near(found.weightedMean, weighted_mean, 1e-6, 'weighted mean');
      }
    }
  }
});

test('a start token is not judged, and the last token after others is', async () => {
  const [first, ...rest] = KGW;
  const { ids } = first!.detect[0]!;
  const plain = (await detectWatermark(lm, ids, kgwOf(first!))) as GreenDetection;
  const started = (await detectWatermark(lm, [0, ...ids], kgwOf(first!))) as GreenDetection;
  assert.equal({ ...started, first: 1 }, plain);
  assert.is(started.first, 2);
  assert.ok(rest.length > 0);
});

test('n-grams that repeat count once if asked for, and unigrams always, unless they are asked for', async () => {
  const watermark: Watermark = { kind: 'kgw', greenlistRatio: 0.5 };
  const ids = [5, 9, 5, 9, 5, 7];
  const all = (await detectWatermark(lm, ids, watermark)) as GreenDetection;
  const once = (await detectWatermark(lm, ids, watermark, { ignoreRepeatedNgrams: true })) as GreenDetection;
  assert.equal([...all.counts], [1, 1, 1, 1, 1]);
  assert.equal([...once.counts], [1, 1, 0, 0, 1]);
  assert.equal(once.flags, all.flags);
  assert.is(once.green, once.flags[0]! + once.flags[1]! + once.flags[4]!);
  const unigram: Watermark = { kind: 'unigram', key: 3 };
  assert.is((await detectWatermark(lm, ids, unigram)).tokens, 3);
  assert.is((await detectWatermark(lm, ids, unigram, { ignoreRepeatedNgrams: false })).tokens, 6);
});

test('z by length ends with z, and has that of each beginning of the text', async () => {
  const ids = KGW[0]!.detect[2]!.ids;
  const watermarks: Watermark[] = [kgwOf(KGW[0]!), { kind: 'unigram', key: 5 }, synthIdOf(SYNTH_ID[2]!)];
  for (const watermark of watermarks) {
    const { z, zByLength, first } = await detectWatermark(lm, ids, watermark, { byLength: true });
    assert.is(zByLength!.at(-1), z);
    const beginning = await detectWatermark(lm, ids.slice(0, first + 10), watermark);
    assert.is(zByLength![9], beginning.z);
    assert.not('zByLength' in beginning);
  }
});

test('of a text that is too short nothing counts', async () => {
  for (const text of [[], [5], '']) {
    for (const watermark of [kgwOf(KGW[0]!), synthIdOf(SYNTH_ID[0]!)]) {
      const { tokens, z, p } = await detectWatermark(stories, text, watermark);
      assert.equal({ tokens, z, p }, { tokens: 0, z: 0, p: 1 });
    }
  }
});

test('settings of SynthID-Text that tell no tokens apart are no evidence', async () => {
  const ids = SYNTH_ID[0]!.detect[0]!.ids;
  const settings = [
    ...[
      [1, 1],
      [0, 0, 0, 0],
      [1, 1, 1, 1, 1, 1, 1, 1],
    ].map((samplingTable) => ({ keys: 5, samplingTable })),
    // Weights of 10 and 1 on one side, and of 7 and 4 on the other.
    { keys: [0, 1, 1, 0], samplingTable: [0, 1] },
    ...[0, 1, 2, 3].map((samplingTableSeed) => ({ keys: 5, samplingTableSize: 2, samplingTableSeed })),
  ];
  let unevident = 0;
  for (const fields of settings) {
    const found = await detectWatermark(lm, ids, { kind: 'synthid', ...fields }, { byLength: true });
    const { tokens, z, p, zByLength } = found;
    assert.ok(tokens > 0);
    assert.ok([z, p, ...zByLength!].every(Number.isFinite), JSON.stringify(fields));
    if (p === 1) {
      assert.is(z, 0);
      unevident++;
    }
  }
  assert.ok(unevident >= 4 && unevident < settings.length);
});

const MARKS: readonly Watermark[] = [
  { kind: 'kgw', hashingKey: 5, bias: 4 },
  { kind: 'kgw', hashingKey: 5, bias: 6, seedingScheme: 'selfhash', contextWidth: 3 },
  { kind: 'unigram', key: 5, bias: 4 },
  { kind: 'synthid', keys: 5 },
];
const PROMPT = 'Once upon a time there was';

test('a model, its tokenizer and a model in a worker find the same in a text and its ids', async () => {
  const { worker } = fakeWorker();
  const remote = await createWorkerModel(storiesTiny, { worker, build: 'simd' });
  const tokenizer = await loadTokenizer(storiesTiny);
  for (const watermark of MARKS) {
    const options: GenerateOptions = { seed: 2, temperature: 1.2, topP: 1, maxTokens: 60, watermark };
    const { text, tokens } = await remote.generate(PROMPT, options);
    assert.equal((await stories.generate(PROMPT, options)).tokens, tokens);
    const expected = await detectWatermark(stories, text, watermark, { byLength: true });
    assert.equal(await detectWatermark(remote, text, watermark, { byLength: true }), expected);
    assert.equal(await detectWatermark(tokenizer, text, watermark, { byLength: true }), expected);
    assert.equal(
      await detectWatermark(stories, stories.tokenizer.encode(text), watermark, { byLength: true }),
      expected,
    );
  }
  remote.dispose();
});

test('wrong options are refused by name, and a signal ends the work', async () => {
  const ids = [1, 2, 3];
  const unigram: Watermark = { kind: 'unigram', key: 5 };
  const detect = (options: object) => detectWatermark(lm, ids, unigram, options);
  await thrown(
    () => detect({ ignoreRepeats: true }),
    'invalid-option',
    'ignoreRepeats',
    'ignoreRepeatedNgrams',
  );
  await thrown(() => detect({ byLength: 1 }), 'invalid-option', 'byLength is 1; it must be true or false');
  await thrown(() => detect({ signal: AbortSignal.abort() }), 'aborted');
  await thrown(() => detectWatermark(lm, [97], unigram), 'invalid-option', 'the text');
  await thrown(() => detectWatermark(lm, 5 as never, unigram), 'invalid-option', 'the text');
  await thrown(() => detectWatermark(lm, ids, { kind: 'x' } as never), 'invalid-option', 'watermark.kind');
  await thrown(() => detectWatermark({} as never, ids, unigram), 'invalid-option', 'model');
});

test('long texts show progress, and end when the signal fires', async () => {
  const ids = Array.from({ length: 1000 }, (_, i) => (7 * i) % 97);
  const seen: number[] = [];
  const left = new AbortController();
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    seen.push(done, total);
    if (done === 512) left.abort();
  };
  const options = { signal: left.signal, onProgress };
  await thrown(
    () => detectWatermark(lm, ids, { kind: 'unigram', key: 1 }, options),
    'aborted',
    'the detection',
  );
  assert.equal(seen, [256, 999, 512, 999]);
  seen.length = 0;
  await detectWatermark(lm, ids.slice(0, 300), { kind: 'synthid', keys: 1 }, { onProgress });
  assert.equal(seen, [256, 296, 296, 296]);
});

test.run();
