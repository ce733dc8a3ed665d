import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/model/load_model.js';
import { trainStep } from '../../src/train/step.js';
import { Trainer } from '../../src/train/trainer.js';
import type { TrainerOptions } from '../../src/train/trainer_options.js';
import { split } from '../checkpoints/support.js';
import { memoryTarget } from '../support/memory_target.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { loadTrainCore, randomBatch, SHAPE, state } from '../support/training.js';
import { OPTIONS, run, tokenizer } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-diverged-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** No held-out documents, so that only the steps themselves tell. */
const PLAIN: TrainerOptions = { ...OPTIONS, validation: 0, schedule: 'constant', warmup: 0 };

test('a run with a much too high learning rate ends at the first step whose loss is not finite', async () => {
  for (const threads of [1, 2]) {
    const trainer = await Trainer.create({ ...PLAIN, learningRate: 1e30, threads });
    const first = await thrown(
      () => run(trainer),
      'runtime',
      /the loss of step 2 is (NaN|-?Infinity)/,
      'lower learning rate',
    );
    assert.is(trainer.step, 1);
    assert.not.ok(trainer.finished);
    assert.ok(trainer.curve.training.every(({ loss }) => Number.isFinite(loss)));
    const target = memoryTarget();
    for (const call of [() => run(trainer), () => trainer.save(target), () => trainer.model()]) {
      assert.is((await thrown(call, 'runtime')).message, first.message);
    }
    assert.equal(target.files, {});
    trainer.dispose();
  }
});

test('the weights after the last step are checked too', async () => {
  for (const lora of [undefined, { rank: 2 }]) {
    const { config: _, ...rest } = PLAIN;
    const model = { ...rest, model: storiesTiny, ...(lora && { lora }) };
    const trainer = await Trainer.create({ ...model, steps: lora ? 2 : 1, learningRate: 1e30 });
    await thrown(() => run(trainer), 'runtime', 'step');
    await thrown(() => trainer.save(memoryTarget()), 'runtime');
    trainer.dispose();
  }
});

test('the weights in the midst of a run are checked before they are saved', async () => {
  const trainer = await Trainer.create({ ...PLAIN, learningRate: 1e30 });
  await run(trainer, 1);
  for (const call of [() => trainer.model(), () => trainer.save(memoryTarget())])
    await thrown(call, 'runtime', 'the loss after step 1 is');
  trainer.dispose();
});

test('a training state is saved only if its weights give a finite loss, and else the one before stays', async () => {
  const checkpoints = join(folder, 'kept');
  const options = { ...PLAIN, checkpoints, checkpointEvery: 1 };
  const good = await Trainer.create(options);
  await run(good, 3);
  good.dispose();
  const before = readFileSync(join(checkpoints, 'step-0000000003', 'state.safetensors'));

  const bad = await Trainer.create({ ...options, resume: true, learningRate: 1e30 });
  await thrown(() => run(bad), 'runtime', 'step 4');
  await thrown(() => bad.saveState(), 'runtime', 'step 4');
  bad.dispose();
  assert.equal(readdirSync(checkpoints), ['step-0000000003']);
  assert.ok(readFileSync(join(checkpoints, 'step-0000000003', 'state.safetensors')).equals(before));

  const again = await Trainer.create({ ...options, resume: true });
  assert.is((await run(again)).at(-1)!.step, 12);
  again.dispose();
});

test('a validation loss that is not finite ends the run, and the best weights are kept', async () => {
  const options = { ...OPTIONS, patience: 5, evaluateEvery: 1, schedule: 'constant', warmup: 0 } as const;
  const checkpoints = join(folder, 'best');
  const first = await Trainer.create({ ...options, checkpoints });
  await run(first, 4);
  const best = memoryTarget();
  await first.save(best);
  await first.saveState();
  first.dispose();
  const trainer = await Trainer.create({ ...options, checkpoints, resume: true, learningRate: 1e30 });
  await thrown(() => run(trainer), 'runtime', 'validation loss after step 5 is');
  assert.is(trainer.curve.validation.length, 4);
  const kept = memoryTarget();
  await trainer.save(kept);
  assert.equal(kept.files, best.files);
  (await trainer.model()).dispose();
  trainer.dispose();
});

test('gradients whose squares overflow end a step before it changes anything', async () => {
  const core = await loadTrainCore('untied-head', 'simd', SHAPE);
  // A head of large numbers gives large gradients and a finite loss.
  const head = core.parameters.find(({ name }) => name === 'lm_head.weight')!;
  core.write(
    'weights',
    head,
    core.read('weights', head).map((value) => value * 1e25),
  );
  const before = state(core, 'weights');
  const batch = randomBatch(1, core.config.vocabSize);
  const options = { step: 7, learningRate: 1e-3, maxGradientNorm: Infinity };
  await thrown(() => trainStep(core, [batch], options), 'runtime', 'norm of the gradients of step 7');
  assert.equal(state(core, 'weights'), before);
  core.dispose();
});

test('a training state with a number that is not finite is refused', async () => {
  const checkpoints = join(folder, 'broken');
  const options = { ...OPTIONS, patience: 5, evaluateEvery: 2, checkpoints };
  const trainer = await Trainer.create(options);
  await run(trainer, 2);
  await trainer.saveState();
  trainer.dispose();
  const resume = () => Trainer.create({ ...options, resume: true });
  const path = join(checkpoints, 'step-0000000002');
  const tensors = readFileSync(join(path, 'state.safetensors'));
  const { header, data } = split(tensors);
  for (const name of [
    'weights.wte.weight',
    'firstMoments.h.0.mlp.c_fc.bias',
    'secondMoments.ln_f.weight',
    'best.wpe.weight',
  ]) {
    const broken = Buffer.from(tensors);
    const start = tensors.length - data.length + header[name]!.data_offsets[0];
    broken.writeFloatLE(Number.NaN, start + 8);
    writeFileSync(join(path, 'state.safetensors'), broken);
    await thrown(resume, 'invalid-file', `tensor "${name}" in state.safetensors`);
  }
  writeFileSync(join(path, 'state.safetensors'), tensors);

  const text = readFileSync(join(path, 'state.json'), 'utf8');
  const state = JSON.parse(text);
  for (const [change, word] of [
    [{ step: Number.POSITIVE_INFINITY }, 'null'],
    [{ tokens: -1 }, '-1'],
    [{ fruitless: 0.5 }, '0.5'],
    [{ training: [{ step: 1, loss: Number.NaN }] }, 'null'],
    [{ validation: 'none' }, 'none'],
    [{ position: { epoch: 0 } }, 'epoch'],
  ] as const) {
    const changed = JSON.stringify({ ...state, ...change });
    assert.match(changed, word);
    writeFileSync(join(path, 'state.json'), changed);
    await thrown(resume, 'invalid-file', 'step-0000000002', 'no run can have');
  }
  writeFileSync(join(path, 'state.json'), text.replace(/"loss":[\d.]+/, '"loss":1e999'));
  await thrown(resume, 'invalid-file', 'no run can have');
  writeFileSync(join(path, 'state.json'), text);
  (await resume()).dispose();
});

test('options that 32 bits do not hold are refused', async () => {
  for (const change of [
    { learningRate: 1e39 },
    { learningRate: 1e-3, finalLearningRate: 1e39 },
    { weightDecay: 1e39 },
    { epsilon: 1e-46 },
    { epsilon: 1e39 },
    { epsilon: Number.NaN },
  ]) {
    await thrown(
      () => Trainer.create({ ...OPTIONS, ...change }),
      'invalid-option',
      Object.keys(change).at(-1)!,
    );
  }
  const { config: _, ...rest } = OPTIONS;
  const lora = { rank: 2, alpha: 1e39 };
  await thrown(() => Trainer.create({ ...rest, model: storiesTiny, lora }), 'invalid-option', 'alpha');
});

test('steps and microbatches with numbers that 32 bits do not hold are refused, and change nothing', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const before = state(core, 'weights');
  const batch = randomBatch(1, core.config.vocabSize);
  const good = { step: 1, learningRate: 1e-3 };
  for (const change of [
    { learningRate: Number.NaN },
    { learningRate: 1e39 },
    { step: 0 },
    { beta1: 1 },
    { weightDecay: Number.POSITIVE_INFINITY },
    { learningRate: 1e20, weightDecay: 1e20 },
    { epsilon: Number.NaN },
  ]) {
    const words = new RegExp(`${Object.keys(change)[0]} ${Object.values(change)[0]}`.replace('+', '\\+'));
    await thrown(() => trainStep(core, [batch], { ...good, ...change }), 'invalid-option', words);
  }
  for (const scale of [Number.NaN, 1e39]) {
    await thrown(() => core.accumulate(batch, { scale }), 'invalid-option', 'scale');
  }
  assert.equal(state(core, 'weights'), before);
  core.dispose();
});

test('a dropout rate just below 1 drops nearly all elements', async () => {
  const losses: number[] = [];
  for (const dropout of [0, 1 - 1e-6, 1 - 1e-12]) {
    const trainer = await Trainer.create({ ...PLAIN, dropout, steps: 1 });
    losses.push((await run(trainer))[0]!.loss);
    trainer.dispose();
  }
  assert.is.not(losses[1], losses[0]);
  assert.is(losses[2], losses[1], 'all inputs are dropped in both');
});

test('a trained model has finite logits', async () => {
  const target = join(folder, 'model');
  const trainer = await Trainer.create(OPTIONS);
  await run(trainer);
  await trainer.save(target);
  trainer.dispose();
  const model = await loadModel(target, { build: 'simd', threads: 1 });
  assert.ok((await model.logits(tokenizer.encode('The zebra'))).every(Number.isFinite));
  model.dispose();
});

test.run();
