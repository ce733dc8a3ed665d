import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type SteeringVector, steer, steeringVector } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { createWorkerModel } from '../../../../src/worker.js';
import { insideFile, insideModel } from '../../../support/inside_model.js';
import { near } from '../../../support/near.js';
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

test('steering has the logits of transformers', async () => {
  const { input_ids: ids, vector, cases } = insideFile('steer.json');
  const own = await steeringVector(model, { positive: [[1, 2]], negative: [[3]], layer: 0 });
  assert.is(cases.length, 9);
  for (const { after_layer: layer, positions: where, scale, logits } of cases) {
    const given: SteeringVector = { ...own, hook: `blocks.${layer}.hook_resid_post`, vector };
    const lists: Readonly<Record<string, number[] | 'all'>> = {
      all: 'all',
      last: [-1],
      'from 8': [8, 9, 10, 11, 12, 13, 14, 15],
    };
    const edit = steer(model, given, { strength: scale, positions: lists[where]! });
    const { logits: found } = await model.trace(ids, { edit: [edit], logits: 'all' });
    for (let i = 0; i < logits.length; i++) near(found!.data[i]!, logits[i], 1e-4, `${layer}, ${where}`);
  }
});

test('a vector is the difference of the means', async () => {
  const positive = [[1, 2, 3], [9], [7, 5]];
  const negative = [
    [4, 4, 90, 11],
    [60, 2],
  ];
  for (const position of ['last', 'mean'] as const) {
    for (const layer of [0, 2]) {
      const hook = `blocks.${layer}.hook_resid_post`;
      const state = async (ids: number[]) => {
        const { values } = await model.trace(ids, { read: [hook] });
        const rows = ids.map((_, i) => values[hook]!.data.subarray(32 * i, 32 * (i + 1)));
        const taken = position === 'last' ? rows.slice(-1) : rows;
        return Array.from({ length: 32 }, (_, c) => taken.reduce((s, row) => s + row[c]!, 0) / taken.length);
      };
      const meanOf = (states: number[][]) =>
        states[0]!.map((_, c) => states.reduce((sum, own) => sum + own[c]!, 0) / states.length);
      const states = await Promise.all([...positive, ...negative].map(state));
      const [a, b] = [meanOf(states.slice(0, 3)), meanOf(states.slice(3))];
      const found = await steeringVector(model, { positive, negative, layer, position });
      assert.equal(
        [found.hook, found.position, found.positive, found.negative, found.vector.length],
        [hook, position, 3, 2, 32],
      );
      a.forEach((value, c) => {
        near(found.vector[c]!, value - b[c]!, 1e-5);
      });
      near(found.norm, Math.hypot(...found.vector), 1e-6);
      near(found.residualNorm, states.reduce((s, own) => s + Math.hypot(...own), 0) / 5, 1e-5);
    }
  }
});

test('more texts than are read at once, in a worker, with progress', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const texts = (word: string) => Array.from({ length: 20 }, (_, i) => `${word} ${'cat '.repeat(i % 3)}`);
  const options = { positive: texts('The good'), negative: texts('A bad'), layer: 1 };
  const done: number[] = [];
  const here = await steeringVector(stories, options);
  const there = await steeringVector(remote, {
    ...options,
    onProgress: ({ done: now, total }) => done.push(now, total),
  });
  assert.equal(there, here);
  assert.equal(done.slice(-2), [40, 40]);
  // Each text alone has the same numbers.
  const alone = await Promise.all(
    options.positive.map((text) =>
      steeringVector(stories, { positive: [text], negative: [options.negative[0]!], layer: 1 }),
    ),
  );
  const first = await steeringVector(stories, { ...options, negative: [options.negative[0]!] });
  first.vector.forEach((value, c) => {
    near(
      value,
      alone.reduce((sum, { vector }) => sum + vector[c]! / 20, 0),
      1e-4,
    );
  });
  await remote.dispose();
});

test('a vector steers generation', async () => {
  const prompt = 'Once upon a time';
  const vector = await steeringVector(stories, { positive: [' dog'], negative: [' cat'], layer: 0 });
  const options = { maxTokens: 8, temperature: 0 };
  const plain = await stories.generate(prompt, options);
  const none = await stories.generate(prompt, {
    ...options,
    edit: [steer(stories, vector, { strength: 0 })],
  });
  assert.is(none.text, plain.text);
  const far = await stories.generate(prompt, {
    ...options,
    edit: [steer(stories, vector, { strength: -40 })],
  });
  assert.is.not(far.text, plain.text);
});

test('wrong arguments are refused', async () => {
  const right = { positive: [[1]], negative: [[2]], layer: 0 };
  for (const options of [
    { positive: [] },
    { positive: 'a text' },
    { positive: undefined },
    { positive: [7] },
    { positive: [null] },
    { positive: [[97]] },
    { positive: [[1.5]] },
    { negative: [] },
    // A hole.
    { negative: new Array(1) },
    { layer: 3 },
    { layer: -1 },
    { layer: undefined },
    { position: 'first' },
    { positions: 'last' },
  ]) {
    await thrown(() => steeringVector(model, { ...right, ...options } as never), 'invalid-option');
  }
  const long = new Array(65).fill(5);
  await thrown(
    () => steeringVector(model, { ...right, negative: [[1], long] }),
    'context-full',
    /text 2 of 3/,
  );
  await thrown(() => steeringVector(model, { ...right, signal: AbortSignal.abort() }), 'aborted');

  const vector = await steeringVector(model, right);
  await thrown(() => steer(stories, vector), 'invalid-option', /32 channels/);
  await thrown(() => steer(model, { ...vector, hook: 'blocks.3.hook_resid_post' }), 'invalid-option');
  for (const options of [{ strength: Number.NaN }, { strength: '1' }, { strengths: 1 }]) {
    await thrown(() => steer(model, vector, options as never), 'invalid-option');
  }
  const large = { ...vector, vector: vector.vector.map(() => 1e30) };
  await thrown(() => steer(model, large, { strength: 1e30 }), 'invalid-option');
  for (const change of [
    { vector: [1, 2] },
    { vector: vector.vector.map(() => Number.NaN) },
    { hook: 'blocks.0.hook_resid_pre' },
    { hook: 'blocks.00.hook_resid_post' },
    { position: 'all' },
    { norm: -1 },
    { positive: 0 },
  ]) {
    await thrown(() => steer(model, { ...vector, ...change } as never), 'invalid-option');
  }
  await thrown(() => steer(model, undefined as never), 'invalid-option');
});

test.run();
