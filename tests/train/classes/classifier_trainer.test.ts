import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { classMeasures } from '../../../src/train/classes/class_measures.js';
import { ClassifierTrainer, type ClassifierTrainerOptions } from '../../../src/train.js';
import { memoryTarget } from '../../support/memory_target.js';
import { near } from '../../support/near.js';
import { shardedFiles } from '../../support/small_model.js';
import { thrown } from '../../support/thrown.js';

const files = await shardedFiles();
const ANIMALS = ['cat', 'dog', 'bird', 'fish'];
const FOOD = ['cake', 'bread', 'milk', 'soup'];
const data = [...ANIMALS, ...FOOD].flatMap((word) =>
  ['I see a', 'Tom has the', 'We saw one'].map((start) => ({
    text: `${start} ${word}`,
    label: ANIMALS.includes(word) ? 'animal' : 'food',
  })),
);

const train = (options: Partial<ClassifierTrainerOptions> = {}) =>
  ClassifierTrainer.create({
    ...{ model: files, data, validation: data, steps: 90, batchSize: 8, learningRate: 0.01, seed: 1 },
    ...{ build: 'simd', threads: 1, ...options },
  } as ClassifierTrainerOptions);

for (const lora of [undefined, { rank: 4, targets: ['c_attn', 'mlp.c_fc'] }]) {
  test(`a classifier learns ${lora ? 'with an adapter' : 'with all weights'}; what is saved opens and classifies`, async () => {
    const trainer = await train({ ...(lora && { lora }) });
    const before = (await trainer.evaluate())!;
    near(before, Math.log(2), 0.1, 'loss of a new head');
    for await (const { loss } of trainer) assert.ok(Number.isFinite(loss));
    const after = (await trainer.evaluate())!;
    assert.ok(after < before / 2, `${after} after ${before}`);
    const target = memoryTarget();
    await trainer.save(target);
    const config = JSON.parse(new TextDecoder().decode(target.files['config.json']!));
    assert.equal(
      [config.architectures, config.id2label, config.label2id, config.tie_word_embeddings],
      [['GPT2ForSequenceClassification'], { 0: 'animal', 1: 'food' }, { animal: 0, food: 1 }, true],
    );
    const model = await loadModel(target.files, { build: 'simd' });
    const found = await model.classify(data.map(({ text }) => text));
    const losses = found.map(
      ({ scores }, i) => -Math.log(scores.find(({ label }) => label === data[i]!.label)!.score),
    );
    near(losses.reduce((sum, loss) => sum + loss) / losses.length, after, 1e-4, 'loss of the saved model');
    const right = found.filter(({ label }, i) => label === data[i]!.label).length;
    const measures = (await trainer.measures())!;
    assert.equal([measures.texts, measures.accuracy], [data.length, right / data.length]);
    assert.ok(measures.accuracy > 0.8 && measures.f1 > 0.8);
    model.dispose();
    trainer.dispose();
  });
}

test('a run is a function of its options, and ids are texts too', async () => {
  const ids = data.map(({ label }, i) => ({ ids: [1 + i, 2, 3 + (i % 5)], label }));
  const curves = [];
  for (let i = 0; i < 2; i++) {
    const trainer = await train({ data: ids, validation: 0.2, steps: 4 });
    for await (const _ of trainer);
    curves.push(trainer.curve);
    trainer.dispose();
  }
  assert.equal(curves[0], curves[1]);
});

test('accuracy and F1 are those of their definition', () => {
  const pairs = [
    ['a', 'a'],
    ['a', 'b'],
    ['b', 'b'],
    ['b', 'b'],
    ['c', 'a'],
  ] as [string, string][];
  const { accuracy, f1, f1ByLabel } = classMeasures(['a', 'b', 'c', 'd'], pairs);
  assert.is(accuracy, 3 / 5);
  assert.equal(f1ByLabel, { a: 2 / 4, b: 4 / 5, c: 0 });
  near(f1, (0.5 + 0.8 + 0) / 3, 1e-12);
  const { f1ByLabel: odd } = classMeasures(['__proto__', 'b'], [['__proto__', '__proto__']]);
  assert.equal(Object.entries(odd), [['__proto__', 1]]);
});

test('wrong examples and options are refused by name', async () => {
  await thrown(() => train({ labels: ['animal'] }), 'invalid-option', 'labels');
  await thrown(() => train({ data: data.slice(0, 2) }), 'invalid-option', 'two or more');
  await thrown(
    () => train({ data: data.values(), steps: 1, validation: 0 }),
    'invalid-option',
    'give labels',
  );
  await thrown(() => train({ model: undefined as never }), 'invalid-option', 'model');
  const trainer = await train({ labels: ['animal', 'plant'] });
  await thrown(
    async () => {
      for await (const _ of trainer);
    },
    'invalid-option',
    'label is "food"',
    "'animal' or 'plant'",
  );
  trainer.dispose();
});

test.run();
