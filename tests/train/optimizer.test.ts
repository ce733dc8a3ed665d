import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainingStateStore } from '../../src/files/training_state_store.js';
import { loadModel } from '../../src/model/load_model.js';
import { Trainer } from '../../src/train/trainer.js';
import type { TrainerOptions } from '../../src/train/trainer_options.js';
import { split } from '../checkpoints/support.js';
import { memoryTarget } from '../support/memory_target.js';
import { memorySource } from '../support/sources.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { OPTIONS, run } from './tiny.js';

const MUON: TrainerOptions = { ...OPTIONS, optimizer: 'muon' };

async function weightsOf(trainer: Trainer): Promise<Uint8Array> {
  const target = memoryTarget();
  await trainer.save(target);
  return target.files['model.safetensors']!;
}

/** A store of one training state, and its files. */
function stateStore() {
  let target = memoryTarget();
  let saved: Record<string, Uint8Array> | undefined;
  const store: TrainingStateStore = {
    latest: async () => saved && memorySource('state', saved),
    target: () => {
      target = memoryTarget();
      return target;
    },
    async prune() {
      saved = target.files;
    },
  };
  return { store, files: () => saved! };
}

test('a run with Muon that is resumed is the run that was never stopped, bit for bit', async () => {
  const whole = await Trainer.create({ ...MUON, steps: 6 });
  await run(whole);
  const { store, files } = stateStore();
  const first = await Trainer.create({ ...MUON, steps: 6, checkpoints: store });
  await run(first, 3);
  await first.saveState();
  const names = Object.keys(split(files()['state.safetensors']!).header);
  assert.ok(names.includes('firstMoments.h.0.mlp.c_fc.weight'));
  assert.not.ok(names.includes('secondMoments.h.0.mlp.c_fc.weight'));
  assert.ok(names.includes('secondMoments.wte.weight'));
  const second = await Trainer.create({ ...MUON, steps: 6, threads: 2, checkpoints: store, resume: true });
  assert.is(second.step, 3);
  await run(second);
  assert.equal(second.curve, whole.curve);
  assert.equal(await weightsOf(second), await weightsOf(whole));
  for (const trainer of [whole, first, second]) trainer.dispose();
});

test('a run is not resumed with another optimizer, and states that name none are those of AdamW', async () => {
  for (const optimizer of ['adamw', 'muon'] as const) {
    const { store, files } = stateStore();
    const options = { ...OPTIONS, steps: 2, checkpoints: store };
    const first = await Trainer.create({ ...options, optimizer });
    await run(first, 1);
    await first.saveState();
    first.dispose();
    const other = optimizer === 'muon' ? 'adamw' : 'muon';
    const resume = (own: 'adamw' | 'muon') => Trainer.create({ ...options, optimizer: own, resume: true });
    await thrown(() => resume(other), 'invalid-option', `optimizer "${optimizer}"`);
    if (optimizer === 'muon') continue;
    const state = JSON.parse(new TextDecoder().decode(files()['state.json']!));
    delete state.identity.optimizer;
    files()['state.json'] = new TextEncoder().encode(JSON.stringify(state));
    await thrown(() => resume('muon'), 'invalid-option', 'optimizer "adamw"');
    const second = await resume('adamw');
    assert.is((await run(second)).length, 1);
    second.dispose();
  }
});

test('training with Muon lowers the validation loss', async () => {
  const trainer = await Trainer.create({ ...MUON, dropout: 0, steps: 60, learningRate: 1e-2 });
  const before = (await trainer.evaluate())!;
  const after = (await run(trainer)).at(-1)!.validationLoss!;
  assert.ok(after < before / 2, `${before} ${after}`);
  trainer.dispose();
});

test('Muon trains the numbers behind matrices in q4, with the same bits on two threads', async () => {
  const files = await Promise.all(
    [1, 2].map(async (threads) => {
      const trainer = await Trainer.create({ ...MUON, threads, steps: 4, quantize: 'q4', quantizeFrom: 1 });
      await run(trainer);
      const target = memoryTarget();
      await trainer.save(target);
      const model = await trainer.model();
      const trained = await model.logits([1, 2, 3]);
      const opened = await loadModel(target.files, { weights: 'q4', build: 'simd', threads: 1 });
      assert.equal(await opened.logits([1, 2, 3]), trained);
      for (const own of [trainer, model, opened]) own.dispose();
      return target.files;
    }),
  );
  assert.equal(files[1], files[0]);
});

test('wrong optimizers are refused, and Muon for an adapter', async () => {
  for (const optimizer of ['sgd', null, 5]) {
    const options = { ...OPTIONS, optimizer } as TrainerOptions;
    await thrown(() => Trainer.create(options), 'invalid-option', "'adamw' or 'muon'");
  }
  const { config: _, ...options } = MUON;
  const adapter = { ...options, model: storiesTiny, lora: {} };
  await thrown(() => Trainer.create(adapter), 'invalid-option', 'optimizer is "muon"', 'no matrix');
});

test.run();
