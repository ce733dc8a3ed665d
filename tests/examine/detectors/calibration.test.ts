import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate } from '../../../src/examine/detectors/calibrate.js';
import type { CalibrationData } from '../../../src/examine/detectors/calibration_data.js';
import { detectors } from '../../../src/examine/detectors/detectors.js';
import { readCalibration } from '../../../src/examine/detectors/read_calibration.js';
import { loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const refused = (call: () => unknown, ...words: string[]) => thrown(call, 'invalid-option', ...words);
/** A detector of texts that hold their scores. */
const score = (text: string) => Number(text);
const texts = (scores: readonly number[]) => scores.map(String);

const SCORES = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 90 });

test('p-values, thresholds and the report are those of the plain counts, in both directions', () =>
  holds(
    'calibrations',
    fc.record({
      human: SCORES,
      machine: fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 20 }),
      seed: fc.nat(),
      machineIs: fc.constantFrom('higher' as const, 'lower' as const),
      falseAlarms: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    }),
    async ({ human, machine, seed, machineIs, falseAlarms }) => {
      const calibration = await calibrate(score, texts(human), texts(machine), { seed, machineIs });
      const data = calibration.toJSON();
      const half = Math.ceil(human.length / 2);
      assert.is(data.human.length, half);
      assert.equal([...data.human, ...data.heldOut].sort(), [...human].sort());
      const isAsExtreme = (a: number, b: number) => (machineIs === 'higher' ? a >= b : a <= b);
      const p = (value: number) =>
        (1 + data.human.filter((each) => isAsExtreme(each, value)).length) / (1 + half);
      const report = calibration.report();
      assert.is(report.leastPValue, 1 / (1 + half));
      for (const rate of [falseAlarms, 0.01, 0.05, 0.1]) {
        const isPossible = 1 / (1 + half) <= rate;
        if (rate !== falseAlarms)
          assert.is(
            report.rates.some((each) => each.falseAlarms === rate),
            isPossible,
          );
        if (!isPossible) {
          await refused(
            () => calibration.verdict(0, { falseAlarms: rate }),
            'half of the human texts',
            String(half),
          );
          continue;
        }
        const threshold = calibration.threshold(rate);
        for (const value of [...human, ...machine, 0.5]) {
          const verdict = await calibration.verdict(value, { falseAlarms: rate });
          assert.is(verdict.pValue, p(value));
          assert.is(verdict.isAlarm, p(value) <= rate, `${value} of ${human}`);
          assert.is(verdict.isAlarm, machineIs === 'higher' ? value > threshold : value < threshold);
        }
      }
      const unique = [...new Set(machine)];
      for (const { falseAlarms: rate, heldOut, detected } of report.rates) {
        assert.is(heldOut.count, data.heldOut.filter((value) => p(value) <= rate).length);
        assert.is(heldOut.total, human.length - half);
        assert.is(detected?.total, unique.length || undefined);
        if (detected) assert.is(detected.count, unique.filter((value) => p(value) <= rate).length);
      }
      assert.is(report.auroc === undefined, machine.length === 0);
      const wins = unique.flatMap((a) => human.map((b) => (a === b ? 0.5 : isAsExtreme(a, b) ? 1 : 0)));
      if (report.auroc !== undefined) {
        const share = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
        assert.ok(Math.abs(report.auroc - share) < 1e-12);
      }
      const again = await readCalibration(JSON.stringify(calibration), score);
      assert.equal(again.toJSON(), JSON.parse(JSON.stringify(data)));
      assert.equal(again.report(), report);
    },
    60,
  ));

test('false alarms keep to their share, whatever the scores are', async () => {
  // Of many calibrations, since a single one may have a lucky or unlucky half.
  let [alarms, total] = [0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const human = Array.from({ length: 60 }, (_, i) => ((i * 7919 + seed * 104729) % 10007) ** 3);
    const { rates } = (await calibrate(score, texts(human), [], { seed })).report();
    const { heldOut } = rates.find(({ falseAlarms }) => falseAlarms === 0.1)!;
    alarms += heldOut.count;
    total += heldOut.total;
  }
  const share = alarms / total;
  assert.ok(share > 0.06 && share < 0.115, `${share}`);
});

test('the split depends on the seed, equal texts count once, and lengths are covered or not', async () => {
  const human = texts(Array.from({ length: 40 }, (_, i) => i));
  const [a, b, c] = [
    await calibrate(score, human),
    await calibrate(score, [...human, ...human], [], { seed: 0 }),
    await calibrate(score, human, [], { seed: 1 }),
  ];
  assert.equal(a.toJSON(), b.toJSON());
  assert.not.equal(a.toJSON().human, c.toJSON().human);
  assert.not.ok('machine' in a.toJSON());
  assert.is((await a.verdict('7')).isLengthCovered, true);
  assert.is((await a.verdict('700')).isLengthCovered, false);
  assert.not.ok('isLengthCovered' in (await a.verdict(7)));
});

const HUMAN = Array.from(
  { length: 24 },
  (_, i) => `On day ${i} the committee of village ${i * i} met; ${i} members voted against plan ${i % 5}.`,
);

test('a calibration of a measure is read again with its models, here and in a worker, and with no others', async () => {
  const options = { build: 'simd' } as const;
  const model = await loadModel(storiesTiny, options);
  const q8 = await loadModel(storiesTiny, { ...options, weights: 'q8' });
  const there = await createWorkerModel(storiesTiny, options);
  const machine = await Promise.all(
    [1, 2, 3, 4].map(
      async (seed) =>
        `Once upon a time${(await model.generate('Once upon a time', { seed, maxTokens: 40 })).text}`,
    ),
  );
  const progress: number[] = [];
  const calibration = await calibrate({ model, measure: 'curvature', stride: 100 }, HUMAN, machine, {
    onProgress: ({ done, total }) => progress.push(done / total),
  });
  assert.is(progress.length, 28);
  assert.is(progress.at(-1), 1);
  const { curvature } = await detectors(model, machine[0]!, { stride: 100 });
  const verdict = await calibration.verdict(machine[0]!, { falseAlarms: 0.1 });
  assert.is(verdict.score, curvature);
  assert.is(calibration.report().auroc, 1);
  assert.ok(verdict.isAlarm);
  const json = JSON.stringify(calibration);
  for (const text of [...HUMAN, ...machine]) assert.not.ok(json.includes(text.slice(5, 25)));
  for (const reader of [model, there]) {
    const again = await readCalibration(new TextEncoder().encode(json), { model: reader });
    assert.equal(await again.verdict(machine[0]!, { falseAlarms: 0.1 }), verdict);
  }
  const alone = await readCalibration(json);
  assert.equal(await alone.verdict(verdict.score, { falseAlarms: 0.1 }), {
    ...(await calibration.verdict(verdict.score, { falseAlarms: 0.1 })),
  });
  await refused(() => alone.verdict('text', { falseAlarms: 0.1 }), 'without its detector');
  await refused(() => readCalibration(json, { model: q8 }), 'the model is not that of the calibration');
  await refused(() => readCalibration(json, score), 'give its models');
  const custom = JSON.stringify(await calibrate(score, ['1', '2']));
  await refused(() => readCalibration(custom, { model }), 'give that function');
  const both = await calibrate({ model, measure: 'binoculars', observer: q8 }, HUMAN.slice(0, 4));
  assert.is(both.toJSON().machineIs, 'lower');
  assert.is(both.toJSON().models!.length, 2);
  assert.is(
    await readCalibration(JSON.stringify(both), { model, observer: q8 }).then(
      (each) => each.report().humanTexts,
    ),
    2,
  );
  await refused(
    () => readCalibration(JSON.stringify(both), { model, observer: model }),
    'the observer is not',
  );
  await refused(() => readCalibration(JSON.stringify(both), { model }), 'needs a second model');
  const signal = AbortSignal.abort();
  await thrown(() => calibrate({ model, measure: 'rank' }, HUMAN, [], { signal }), 'aborted');
  for (const each of [model, q8, there]) each.dispose();
});

test('detectors, texts and options that cannot be used are refused', async () => {
  await refused(() => calibrate(score, ['1']), 'humanTexts has 1');
  await refused(() => calibrate(score, ['1', '1']), 'humanTexts has 1');
  await refused(() => calibrate(score, ['1', 2] as never), 'humanTexts[1]');
  await refused(() => calibrate(score, ['1', 'word']), 'humanTexts, the text "word"', 'NaN');
  await refused(() => calibrate(score, ['1', '2'], ['Infinity']), 'machineTexts, the text "Infinity"');
  await refused(() => calibrate(score, ['1', '2'], [], { machineIs: 'up' } as never), 'machineIs');
  await refused(() => calibrate(score, ['1', '2'], [], { seed: 0.5 }), 'seed');
  await refused(() => calibrate({ measure: 'perplexity' } as never, ['1', '2']), 'measure');
  await refused(
    () => calibrate({ measure: 'binoculars', model: {} } as never, ['1', '2']),
    'needs a second model',
  );
  const failing = () => {
    throw new RangeError('mine');
  };
  assert.instance(await calibrate(failing, ['1', '2']).catch((error) => error), RangeError);
  const calibration = await calibrate(score, ['1', '2', '3']);
  await refused(() => calibration.verdict(Number.NaN, { falseAlarms: 0.5 }), 'score is NaN');
  await refused(() => calibration.verdict(1, { falseAlarms: 1 }), 'falseAlarms is 1');
  // A share this near to 1 allows as many alarms as there are texts, and no more.
  const { human } = calibration.toJSON();
  assert.is(calibration.threshold(1 - 1e-12), Math.min(...human));
  await refused(() => calibration.verdict(1), 'falseAlarms is 0.05', 'give 38 human texts');
});

test('damaged files are refused as invalid', async () => {
  const data: CalibrationData = (await calibrate(score, texts([1, 2, 3, 4]), ['5'])).toJSON();
  const wrong: [string, object][] = [
    ['format', { format: 'gpt2-wasm calibration 2' }],
    ['machineIs', { machineIs: 'up' }],
    ['seed', { seed: -1 }],
    ['lengths', { lengths: { least: 1 } }],
    ['lengths', { lengths: { least: 2, most: 1 } }],
    ['human', { human: [] }],
    ['human', { human: [1, null] }],
    ['heldOut', { heldOut: 5 }],
    ['heldOut', { heldOut: ['1'] }],
    ['machine', { machine: [] }],
    ['detector.measure', { detector: { measure: 'constructor' } }],
    ['detector.measure', { detector: 'curvature' }],
    ['detector.stride', { detector: { measure: 'rank', stride: 0 }, models: ['a'] }],
    ['models', { detector: { measure: 'rank' } }],
    ['models', { detector: { measure: 'rank' }, models: [1] }],
  ];
  for (const [name, change] of wrong) {
    await thrown(() => readCalibration(JSON.stringify({ ...data, ...change })), 'invalid-file', name);
  }
  for (const text of ['', '[]', 'null', '{', '{"human": [1e999]}', JSON.stringify(data).slice(0, -2)]) {
    await thrown(() => readCalibration(text), 'invalid-file');
  }
  const large = JSON.stringify(data).replace('"human":[', '"human":[1e999,');
  await thrown(() => readCalibration(large), 'invalid-file', 'human');
  assert.equal((await readCalibration(JSON.stringify({ ...data, more: 1 }))).toJSON(), data);
});

test.run();
