import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { type PreferencePair, RewardTrainer, type RewardTrainerOptions } from '../../../src/train.js';
import { memoryTarget } from '../../support/memory_target.js';
import { near } from '../../support/near.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { OPTIONS, PAIRS } from '../preferences/tiny.js';

const data = PAIRS as unknown as readonly Record<keyof PreferencePair, string>[];
const create = (options: Partial<RewardTrainerOptions> = {}) =>
  RewardTrainer.create({ ...(OPTIONS as RewardTrainerOptions), learningRate: 0.01, ...options });

async function run(trainer: RewardTrainer, most = Infinity) {
  const steps = [];
  for await (const step of trainer) {
    steps.push(step);
    if (steps.length === most) break;
  }
  return steps;
}

for (const lora of [undefined, { rank: 4, targets: ['c_attn', 'mlp.c_fc'] }]) {
  test(`a reward head learns ${lora ? 'with an adapter' : 'with all weights'}; what is saved opens and rewards`, async () => {
    const trainer = await create({ ...(lora && { lora }) });
    near((await trainer.evaluate())!, Math.LN2, 0.1, 'loss of a new head');
    const steps = await run(trainer);
    assert.ok(steps.every(({ accuracy }) => accuracy! >= 0 && accuracy! <= 1));
    const measures = (await trainer.measures())!;
    assert.ok(measures.loss < 0.3 && measures.accuracy! > 0.9, JSON.stringify(measures));
    const target = memoryTarget();
    await trainer.save(target);
    const config = JSON.parse(new TextDecoder().decode(target.files['config.json']!));
    assert.equal(
      [config.architectures, config.id2label, config.label2id],
      [['GPT2ForSequenceClassification'], { 0: 'reward' }, { reward: 0 }],
    );
    const model = await loadModel(target.files, { build: 'simd' });
    const rewards = (key: 'chosen' | 'rejected') =>
      model.reward(data.map((pair) => ({ prompt: pair.prompt, answer: pair[key] })));
    const [chosen, rejected] = [await rewards('chosen'), await rewards('rejected')];
    const ahead = chosen.map((reward, i) => reward - rejected[i]!);
    const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b) / numbers.length;
    near(measures.margin!, mean(ahead), 1e-4, 'margin of the saved model');
    near(
      measures.loss,
      mean(ahead.map((by) => Math.log(1 + Math.exp(-by)))),
      1e-4,
      'loss of the saved model',
    );
    assert.is(measures.accuracy, mean(ahead.map((by) => Number(by > 0))));
    model.dispose();
    trainer.dispose();
  });
}

test('a run is a function of its options, and a resumed one ends with the same bits', async () => {
  const results = [];
  for (const isStopped of [false, true]) {
    const store = memoryStore();
    const options = { steps: 4, validation: 0.2, evaluateEvery: 2, batchSize: 3, checkpoints: store };
    let trainer = await create({ ...options, threads: isStopped ? 2 : 1 });
    if (isStopped) {
      await run(trainer, 2);
      await trainer.saveState();
      trainer.dispose();
      trainer = await create({ ...options, resume: true });
    }
    await run(trainer);
    const target = memoryTarget();
    await trainer.save(target);
    results.push([target.files, trainer.curve, await trainer.measures()]);
    trainer.dispose();
  }
  assert.equal(results[1], results[0]);
});

/** A store of training states in memory. */
function memoryStore() {
  const states = new Map<number, ReturnType<typeof memoryTarget>>();
  return {
    async latest() {
      const newest = states.get(Math.max(...states.keys()));
      return newest && memorySource('memory', newest.files);
    },
    target(step: number) {
      const target = memoryTarget();
      states.set(step, target);
      return target;
    },
    async prune(step?: number) {
      for (const one of states.keys()) if (one !== step) states.delete(one);
    },
  };
}

test('token ids are texts too; a text that is too long loses its beginning, and is judged before its padding', async () => {
  const pad = 0;
  const losses = [];
  for (const [pair, cut] of [
    [{ prompt: [], chosen: [6, 3, 4, 5], rejected: [8, 7, 6, 2] }, 0],
    [{ prompt: [9, 8, 7, 6], chosen: [3, 4, 5], rejected: [2] }, 2],
    [{ prompt: [9, 8, 7, 6], chosen: [3, 4, 5, pad, pad], rejected: [2] }, 2],
  ] as const) {
    const trainer = await create({ data: [pair], validation: [pair], contextLength: 4 });
    const note = `${cut} prompts lost the beginning to fit into rows of 4 tokens`;
    assert.equal(trainer.notes, cut > 0 ? [note] : []);
    losses.push(await trainer.evaluate());
    trainer.dispose();
  }
  assert.is(losses[1], losses[0]);
  assert.is(losses[2], losses[0]);
});

test('wrong options and pairs are refused by name', async () => {
  await thrown(() => create({ model: undefined as never }), 'invalid-option', 'give the model');
  await thrown(() => create({ loss: 'dpo' } as never), 'invalid-option', 'loss');
  await thrown(
    () => create({ data: [{ prompt: '', chosen: '', rejected: 'a' }] }),
    'invalid-option',
    'no token',
  );
  const judged = [{ prompt: 'a', completion: 'b', label: true }];
  await thrown(() => create({ data: judged as never }), 'invalid-option', '{ prompt, chosen, rejected }');
});

test.run();
