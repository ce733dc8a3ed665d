import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Gpt2Error, Gpt2ErrorCode } from '../../src/base/errors.js';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { TrainCore } from '../../src/core/training/train_core.js';
import { folderSource } from '../../src/files/folder/folder_source.js';
import { loadModel } from '../../src/model/load_model.js';
import { TrainingBatches } from '../../src/train/data/batches.js';
import { splitDocuments } from '../../src/train/data/split_documents.js';
import { Trainer } from '../../src/train/trainer.js';
import type { TrainerOptions } from '../../src/train/trainer_options.js';
import { encodeData } from '../../src/train/training_data.js';
import type { TrainingStep } from '../../src/train/training_step.js';
import { split } from '../checkpoints/support.js';
import { LiteralOptimizer } from '../support/literal_step.js';
import { memoryTarget } from '../support/memory_target.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { watchWorkers } from '../support/workers.js';
import { OPTIONS, run, STORIES, TINY, tokenizer } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-trainer-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Steps without the field that depends on the clock. */
const facts = (steps: readonly TrainingStep[]) => steps.map((step) => ({ ...step, tokensPerSecond: 0 }));

async function weightsOf(trainer: Trainer): Promise<Buffer> {
  const out = join(folder, `weights-${Math.random()}`);
  await trainer.save(out);
  return readFileSync(join(out, 'model.safetensors'));
}

test('a fine-tune is AdamW by its definition', async () => {
  const { config: _, ...options } = OPTIONS;
  const numbers = { weightDecay: 0.2, beta1: 0.8, beta2: 0.9, epsilon: 1e-7, maxGradientNorm: 1.5 };
  const trainer = await Trainer.create({
    ...{ ...options, ...numbers, model: storiesTiny, steps: 5, warmup: 2 },
    ...{ learningRate: 1e-3, finalLearningRate: 2e-4, validation: 0.2 },
  });
  const steps = await run(trainer);

  const checkpoint = await openCheckpoint(await folderSource(storiesTiny));
  const { config } = checkpoint;
  const core = await TrainCore.create({ config, build: 'simd', shape: { batch: 3, length: 17 }, threads: 1 });
  await loadWeights(checkpoint, core.loader('weights'));
  const before = core.parameters.map((parameter) => core.read('weights', parameter));
  const { training } = splitDocuments(await encodeData(STORIES, tokenizer), 0.2, 5);
  const endOfText = tokenizer.eosTokenId!;
  const batches = new TrainingBatches(training, { layout: 'packed', rows: 3, length: 17, endOfText }, 5);
  const next = () => {
    const { tokens, targets } = batches.next();
    return { batch: 3, length: 17, tokens: [...tokens], targets: [...targets] };
  };
  const dropout = { embedding: 0.1, attention: 0.1, residual: 0.1 };
  const optimizer = new LiteralOptimizer(core, { ...numbers, seed: 5, dropout });
  // Two steps of warm-up, then half a cosine.
  const rates = [5e-4, 1e-3, ...[1, 2, 3].map((i) => 2e-4 + (8e-4 * (1 + Math.cos((Math.PI * i) / 3))) / 2)];
  let clipped = 0;
  for (const [i, step] of steps.entries()) {
    const want = await optimizer.step(i + 1, [next(), next()], rates[i]!);
    if (want.gradNorm > numbers.maxGradientNorm) clipped++;
    assert.is(step.step, i + 1);
    assert.ok(Math.abs(step.loss - want.loss) < 1e-5 * want.loss, `${i}: ${step.loss} ${want.loss}`);
    assert.ok(Math.abs(step.gradNorm - want.gradNorm) < 1e-4 * want.gradNorm, `${i}: norm`);
    assert.ok(Math.abs(step.learningRate - rates[i]!) < 1e-9);
    assert.is(step.tokens, (i + 1) * 2 * 3 * 17);
    assert.ok(step.tokensPerSecond > 0);
  }
  assert.ok(clipped > 0, 'some step is clipped');
  const target = memoryTarget();
  await trainer.save(target);
  const { header, data } = split(target.files['model.safetensors']!);
  for (const [s, parameter] of core.parameters.entries()) {
    const [start, end] = header[`transformer.${parameter.name}`]!.data_offsets;
    const got = new Float32Array(data.slice(start, end).buffer);
    const want = optimizer.weights[s]!;
    let [error, change] = [0, 0];
    for (const [i, value] of want.entries()) {
      error += (got[i]! - value) ** 2;
      change += (value - before[s]![i]!) ** 2;
    }
    assert.ok(error < 1e-4 * change, `${parameter.name}: ${Math.sqrt(error / change)} of its change`);
  }
  core.dispose();
  trainer.dispose();
});

test('a run that is resumed from any training state is the run that was never stopped, bit for bit', async () => {
  const whole = await Trainer.create({ ...OPTIONS, patience: 3 });
  const want = await run(whole);
  assert.is(want.length, 12);
  assert.equal(
    want.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step),
    [5, 10, 12],
  );
  const bytes = await weightsOf(whole);
  for (const stop of [1, 5, 7, 11]) {
    const checkpoints = join(folder, `stopped-${stop}`);
    const options = { ...OPTIONS, patience: 3, checkpoints, checkpointEvery: 2 };
    const first = await Trainer.create(options);
    const before = await run(first, stop);
    if (stop !== 7) await first.saveState();
    first.dispose();
    const second = await Trainer.create({ ...options, resume: true });
    // Step 7 was lost: the newest training state is that after step 6.
    const kept = stop === 7 ? before.slice(0, 6) : before;
    assert.is(second.step, kept.length);
    assert.equal(facts([...kept, ...(await run(second))]), facts(want));
    assert.equal(second.curve, whole.curve);
    assert.ok(bytes.equals(await weightsOf(second)), `stopped after ${stop}`);
    assert.is(readdirSync(checkpoints).length, 1);
    await second.deleteStates();
    assert.not.ok(readdirSync(folder).includes(`stopped-${stop}`));
    second.dispose();
  }
  whole.dispose();
});

test('training lowers the validation loss, and the saved model has that loss', async () => {
  const trainer = await Trainer.create({ ...OPTIONS, dropout: 0, steps: 120, layout: 'documents' });
  const before = (await trainer.evaluate())!;
  const after = (await run(trainer)).at(-1)!.validationLoss!;
  assert.ok(Math.abs(before - Math.log(TINY.vocabSize)) < 0.2, `${before}`);
  assert.ok(after < before / 2, `${before} ${after}`);

  const out = join(folder, 'saved');
  await trainer.save(out);
  const [saved, copy] = [await loadModel(out, { build: 'simd', threads: 1 }), await trainer.model()];
  const prompt = [tokenizer.eosTokenId!, ...tokenizer.encode('The zebra')];
  assert.equal(await saved.logits(prompt), await copy.logits(prompt));
  const { validation } = splitDocuments(await encodeData(STORIES, tokenizer), 0.2, 5);
  let sum = 0;
  let count = 0;
  for (const [i, start] of validation!.starts.entries()) {
    const document = [...validation!.tokens.slice(start, validation!.ends[i]!), tokenizer.eosTokenId!];
    let previous = tokenizer.eosTokenId!;
    for (let from = 0; from < document.length; from += 17) {
      const row = document.slice(from, from + 17);
      sum -= (await saved.score([previous, ...row], { start: false })).sum;
      count += row.length;
      previous = row.at(-1)!;
    }
  }
  assert.ok(Math.abs(sum / count - after) < 1e-4, `${sum / count} ${after}`);
  for (const model of [saved, copy, trainer]) model.dispose();
});

test('a run trains on prompts and completions', async () => {
  const data = STORIES.map((completion) => ({ prompt: 'Q', completion }));
  const trainer = await Trainer.create({ ...OPTIONS, data, layout: 'documents' });
  assert.is((await run(trainer, 1)).length, 1);
  trainer.dispose();
});

test('early stopping ends a run and keeps the best weights', async () => {
  const options = { ...OPTIONS, steps: 400, learningRate: 0.05, schedule: 'constant', warmup: 0 } as const;
  const trainer = await Trainer.create({ ...options, patience: 2, evaluateEvery: 4 });
  const steps = await run(trainer);
  assert.ok(steps.length < 400);
  assert.ok(trainer.finished);
  const losses = trainer.curve.validation.map(({ loss }) => loss);
  const best = losses.indexOf(Math.min(...losses));
  assert.is(best, losses.length - 3);
  const kept = await weightsOf(trainer);
  const again = await Trainer.create({ ...options, patience: 2, evaluateEvery: 4 });
  await run(again, 4 * (best + 1));
  assert.ok(kept.equals(await weightsOf(again)));
  trainer.dispose();
  again.dispose();
});

test('equal validation losses count as no improvement', async () => {
  // So small a rate moves no weight.
  const options = { ...OPTIONS, learningRate: 1e-30, schedule: 'constant', warmup: 0, dropout: 0 } as const;
  for (const patience of [1, 3]) {
    const trainer = await Trainer.create({ ...options, patience, evaluateEvery: 1 });
    const steps = await run(trainer);
    assert.is(new Set(steps.map(({ validationLoss }) => validationLoss)).size, 1);
    assert.is(steps.length, 1 + patience);
    assert.ok(trainer.finished);
    trainer.dispose();
  }
});

test('a model from scratch starts with the initial weights of GPT-2', async () => {
  const config = { ...TINY, channels: 48, layers: 5, innerChannels: 160, heads: 3 };
  const weightsOf = async (seed: number) => {
    const trainer = await Trainer.create({ ...OPTIONS, config, seed });
    const target = memoryTarget();
    await trainer.save(target);
    trainer.dispose();
    const { header, data } = split(target.files['model.safetensors']!);
    return new Map(
      Object.entries(header).map(([name, { data_offsets }]) => [
        name,
        new Float32Array(data.slice(...data_offsets).buffer),
      ]),
    );
  };
  const [weights, same, other] = [await weightsOf(3), await weightsOf(3), await weightsOf(4)];
  assert.equal(weights, same);
  const firsts = new Set<number>();
  let matrices = 0;
  for (const [name, values] of weights) {
    if (/bias$/.test(name)) {
      assert.ok(
        values.every((value) => value === 0),
        name,
      );
      continue;
    }
    if (/ln_\w+\.weight$/.test(name)) {
      assert.ok(
        values.every((value) => value === 1),
        name,
      );
      continue;
    }
    matrices++;
    firsts.add(values[0]!);
    assert.is.not(other.get(name)![0], values[0], `${name}: another seed`);
    // Radford et al. 2019: 0.02, and less where a branch is added to the residual stream: by sqrt(2 layers).
    const deviation = /c_proj\.weight$/.test(name) ? 0.02 / Math.sqrt(10) : 0.02;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const moment = (power: number) =>
      values.reduce((sum, value) => sum + ((value - mean) / deviation) ** power, 0) / values.length;
    const spread = 1 / Math.sqrt(values.length);
    assert.ok(Math.abs(mean) < 5 * spread * deviation, `${name}: mean ${mean}`);
    assert.ok(Math.abs(moment(2) - 1) < 8 * spread, `${name}: variance ${moment(2)} of what it must be`);
    // 3 for the normal distribution, 1.8 for even numbers.
    assert.ok(moment(4) > 2.4 && moment(4) < 3.4, `${name}: kurtosis ${moment(4)}`);
    assert.ok(values.every((value) => Math.abs(value) < 4 * deviation));
  }
  assert.is(matrices, 2 + 4 * 5);
  assert.is(firsts.size, matrices, 'every matrix has numbers of its own');
});

test('an abort ends a run between steps, and the run can continue', async () => {
  const controller = new AbortController();
  const trainer = await Trainer.create({ ...OPTIONS, signal: controller.signal });
  const got: TrainingStep[] = [];
  await thrown(async () => {
    for await (const step of trainer) {
      got.push(step);
      if (got.length === 4) controller.abort();
    }
  }, 'aborted');
  assert.is(got.length, 4);
  assert.is(trainer.step, 4);
  trainer.dispose();
  await thrown(() => Trainer.create({ ...OPTIONS, signal: controller.signal }), 'aborted');
});

test('an abort at any time, also during an evaluation, changes nothing in the run', async () => {
  const options = { ...OPTIONS, steps: 4, evaluateEvery: 2, accumulation: 1 };
  const whole = await Trainer.create(options);
  const want = facts(await run(whole));
  const curve = whole.curve;
  whole.dispose();
  let aborts = 0;
  for (let place = 1; ; place++) {
    // A signal that has fired when the run looks at it for the nth time, and only then.
    let looks = Number.NEGATIVE_INFINITY;
    const signal = {
      get aborted() {
        return ++looks === place;
      },
      addEventListener() {},
      removeEventListener() {},
    } as unknown as AbortSignal;
    const interrupted = await Trainer.create({ ...options, signal });
    looks = 0;
    const steps: TrainingStep[] = [];
    let wasAborted = false;
    for (;;) {
      try {
        for await (const step of interrupted) steps.push(step);
        break;
      } catch (error) {
        assert.is((error as Gpt2Error).code, 'aborted');
        wasAborted = true;
      }
    }
    assert.equal(facts(steps), want, `aborted at look ${place}`);
    assert.equal(interrupted.curve, curve);
    interrupted.dispose();
    if (!wasAborted) break;
    aborts++;
  }
  assert.ok(aborts > 4 + 2, `${aborts} places`);
});

test('no training state is saved after the last step, whose model is about to be saved', async () => {
  const checkpoints = join(folder, 'last');
  const trainer = await Trainer.create({ ...OPTIONS, steps: 4, checkpoints, checkpointEvery: 2 });
  await run(trainer);
  assert.equal(readdirSync(checkpoints), ['step-0000000002']);
  trainer.dispose();
});

test('a training state that cannot be written leaves the one before', async () => {
  const checkpoints = join(folder, 'full');
  const trainer = await Trainer.create({ ...OPTIONS, checkpoints });
  await run(trainer, 2);
  await trainer.saveState();
  await run(trainer, 1);
  // A file has the name of the next training state.
  writeFileSync(join(checkpoints, 'step-0000000003'), '');
  await thrown(() => trainer.saveState(), 'storage');
  rmSync(join(checkpoints, 'step-0000000003'));
  assert.equal(readdirSync(checkpoints), ['step-0000000002']);
  const resumed = await Trainer.create({ ...OPTIONS, checkpoints, resume: true });
  assert.is(resumed.step, 2);
  resumed.dispose();
  trainer.dispose();
});

test('the deprecated names of saveState and deleteStates do the same', async () => {
  const checkpoints = join(folder, 'deprecated');
  const trainer = await Trainer.create({ ...OPTIONS, checkpoints });
  await run(trainer, 1);
  await trainer.checkpoint();
  assert.equal(readdirSync(checkpoints), ['step-0000000001']);
  await trainer.forget();
  assert.not.ok(readdirSync(folder).includes('deprecated'));
  trainer.dispose();
});

test('a run that is refused after its threads started ends them', async () => {
  const { ended } = watchWorkers();
  await thrown(() => Trainer.create({ ...OPTIONS, threads: 2, warmup: 13 }), 'invalid-option', 'warmup');
  await ended();
});

test('invalid options are refused', async () => {
  const checkpoints = join(folder, 'other');
  const trainer = await Trainer.create({ ...OPTIONS, checkpoints });
  await run(trainer, 1);
  await trainer.saveState();
  trainer.dispose();
  const cases: [Partial<TrainerOptions>, Gpt2ErrorCode, string][] = [
    [{ checkpoints }, 'invalid-option', 'resume it'],
    [{ checkpoints, resume: true, seed: 6 }, 'invalid-option', 'seed 5'],
    [{ checkpoints, resume: true, data: STORIES.slice(1) }, 'invalid-option', 'other data'],
    [{ batchSize: 0 }, 'invalid-option', 'batchSize is 0'],
    [{ dropout: 1 }, 'invalid-option', 'dropout is 1'],
    [{ model: storiesTiny }, 'invalid-option', 'either model'],
    [{ adapters: [] }, 'invalid-option', 'needs a model'],
    [{ threads: 0 }, 'invalid-option', 'threads is 0'],
    [{ threads: 1.5 }, 'invalid-option', 'threads is 1.5'],
    [{ build: 'fast' as never }, 'invalid-option', 'build is "fast"'],
    [{ schedule: 'step' as never }, 'invalid-option', 'schedule is "step"'],
    [{ data: 'some text' as never }, 'invalid-option', 'data is "some text"'],
    [{ data: undefined as never }, 'invalid-option', 'data'],
    [{ data: ['a text', 3 as never] }, 'invalid-option', 'item 2 of data is 3'],
    [{ warmup: 13 }, 'invalid-option', 'warmup is 13'],
    [{ learningRate: 1e-3, finalLearningRate: 2e-3 }, 'invalid-option', 'finalLearningRate is 0.002'],
    [
      { contextLength: 41 },
      'invalid-option',
      'contextLength is 41; it must be a whole number from 1 to the model',
    ],
    [{ config: { ...TINY, vocabSize: 100 } }, 'invalid-option', 'the model only 100'],
    [{ data: [] }, 'invalid-file', 'no text'],
    [{ config: { ...TINY, channels: 6000, layers: 40 } }, 'out-of-memory', 'moments'],
    [{ patience: 1, validation: 0 }, 'invalid-option', 'patience'],
    [{ batchsize: 2 } as object, 'invalid-option', 'batchSize'],
  ];
  for (const [changed, code, words] of cases) {
    await thrown(() => Trainer.create({ ...OPTIONS, ...changed }), code, words);
  }
});

test.run();
