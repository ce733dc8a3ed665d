import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { PreferenceTrainer, type PreferenceTrainerOptions, type TrainingStep } from '../../../src/train.js';
import { memoryTarget } from '../../support/memory_target.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';
import { FILES, OPTIONS, PAIRS } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-preferences-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const create = (options: Partial<PreferenceTrainerOptions> = {}) =>
  PreferenceTrainer.create({ ...OPTIONS, ...options });

async function run(trainer: PreferenceTrainer, most = Infinity): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of trainer) {
    steps.push(step);
    if (steps.length === most) break;
  }
  return steps;
}

for (const loss of ['dpo', 'simpo', 'kto'] as const) {
  for (const lora of [undefined, { rank: 4, targets: ['c_attn', 'mlp.c_fc'] }]) {
    test(`${loss} learns held-out preferences ${lora ? 'with an adapter' : 'with all weights'}`, async () => {
      const trainer = await create({ loss, learningRate: lora ? 0.02 : 3e-3, ...(lora && { lora }) });
      const before = (await trainer.measures())!;
      assert.is(before.examples, loss === 'kto' ? 24 : 12);
      if (loss !== 'simpo') {
        near(before.loss, loss === 'dpo' ? Math.LN2 : 0.5, 1e-15, 'loss beside itself');
        assert.equal([before.accuracy, before.margin], [0.5, 0], 'the model beside itself');
      }
      const steps = await run(trainer);
      if (loss === 'dpo') assert.equal([steps[0]!.accuracy, steps[0]!.margin], [0.5, 0]);
      // A few judged answers may be of one kind, and have nothing to compare.
      assert.ok(steps.every(({ accuracy = loss === 'kto' ? 1 : -1 }) => accuracy >= 0 && accuracy <= 1));
      assert.is(steps.at(-1)!.validationLoss, (await trainer.evaluate())!);
      const after = (await trainer.measures())!;
      assert.ok(after.loss < before.loss && after.margin! > before.margin!, JSON.stringify([before, after]));
      assert.ok(after.accuracy! > 0.9, `accuracy ${after.accuracy}`);
      assert.is(steps.at(-1)!.validationAccuracy, after.accuracy);
      trainer.dispose();
    });
  }
}

test('measures are those of the saved adapter beside the model', async () => {
  const trainer = await create({ lora: { rank: 2 }, beta: 0.3, learningRate: 0.02, steps: 6 });
  await run(trainer);
  const target = memoryTarget();
  await trainer.save(target);
  const base = await loadModel(FILES, { build: 'simd', threads: 1 });
  const tuned = await loadModel(FILES, { build: 'simd', threads: 1, adapters: [target.files] });
  const rewardOf = async (prompt: string, answer: string) => {
    const { tokenizer, config } = base;
    const before = tokenizer.encode(prompt);
    const ids = [...before, ...tokenizer.encode(answer), config.eosTokenIds[0]!];
    const [one, two] = await Promise.all(
      [tuned, base].map(async (model) => {
        const { logprobs } = await model.score(ids, { from: before.length, start: false });
        return logprobs.reduce((sum, value) => sum + value, 0);
      }),
    );
    return 0.3 * (one! - two!);
  };
  let margin = 0;
  let right = 0;
  let loss = 0;
  for (const { prompt, chosen, rejected } of PAIRS as unknown as readonly Record<string, string>[]) {
    const ahead = (await rewardOf(prompt!, chosen!)) - (await rewardOf(prompt!, rejected!));
    margin += ahead / PAIRS.length;
    right += Number(ahead > 0) / PAIRS.length;
    loss -= Math.log(1 / (1 + Math.exp(-ahead))) / PAIRS.length;
  }
  const measures = (await trainer.measures())!;
  near(measures.margin!, margin, 1e-4, 'margin');
  near(measures.accuracy!, right, 1e-9, 'accuracy');
  near(measures.loss, loss, 1e-4, 'loss');
  assert.ok(margin > 0.01);
  const copy = await trainer.model();
  const ids = base.tokenizer.encode('I see a');
  assert.equal(await copy.logits(ids), await tuned.logits(ids));
  for (const one of [trainer, base, tuned, copy]) one.dispose();
});

/** The saved files and losses of a run. */
async function resultOf(trainer: PreferenceTrainer) {
  const target = memoryTarget();
  await trainer.save(target);
  return { files: target.files, curve: trainer.curve, measures: await trainer.measures() };
}

test('a run that is stopped and resumed ends with the same bits, with any number of threads', () => {
  let runs = 0;
  return holds(
    'resumed runs',
    fc.record({
      loss: fc.constantFrom('dpo' as const, 'simpo' as const, 'kto' as const),
      lora: fc.constantFrom(undefined, 'f32' as const, 'q8' as const),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      stop: fc.integer({ min: 1, max: 4 }),
      threads: fc.integer({ min: 1, max: 2 }),
      accumulation: fc.integer({ min: 1, max: 2 }),
      dropout: fc.constantFrom(0, 0.1),
    }),
    async ({ loss, lora, seed, stop, threads, accumulation, dropout }) => {
      const options = {
        ...{ loss, seed, accumulation, dropout, steps: 5, batchSize: 3, evaluateEvery: 2 },
        ...{ validation: 0.2, ...(lora && { lora: { rank: 2 } }), ...(lora === 'q8' && { quantize: lora }) },
      };
      const whole = await create(options);
      await run(whole);
      const wanted = await resultOf(whole);
      whole.dispose();
      const checkpoints = join(folder, `${runs++}`);
      const first = await create({ ...options, checkpoints, threads });
      await run(first, stop);
      await first.saveState();
      first.dispose();
      let passes = 0;
      const onProgress = () => {
        passes++;
      };
      const second = await create({ ...options, checkpoints, resume: true, onProgress });
      assert.equal([second.step, passes], [stop, 0]);
      await run(second);
      assert.equal(await resultOf(second), wanted);
      second.dispose();
    },
    4,
  );
});

test('an adapter beside quantized weights learns, and is measured beside them', async () => {
  const trainer = await create({ lora: { rank: 4 }, quantize: 'q4', learningRate: 0.02, steps: 10 });
  const before = (await trainer.measures())!;
  near(before.loss, Math.LN2, 1e-15, 'loss beside itself');
  await run(trainer);
  const after = (await trainer.measures())!;
  assert.ok(after.loss < before.loss && after.margin! > 0.05, JSON.stringify([before, after]));
  trainer.dispose();
});

test('the gradients of two microbatches are those of one, but for rounding', async () => {
  const steps = [];
  for (const [batchSize, accumulation] of [
    [6, 1],
    [3, 2],
  ] as const) {
    const trainer = await create({ batchSize, accumulation, steps: 3 });
    steps.push(await run(trainer));
    trainer.dispose();
  }
  const [whole, halves] = steps as [TrainingStep[], TrainingStep[]];
  whole.forEach((step, i) => {
    for (const name of ['loss', 'gradNorm', 'margin'] as const)
      near(halves[i]![name]!, step[name]!, 1e-4 * (1 + step[name]!), `${name} of step ${i + 1}`);
  });
});

test('with patience, measures are those of the best weights, and the run goes on with its own', async () => {
  const validation = PAIRS.map(({ prompt, chosen, rejected }) => ({
    prompt,
    chosen: rejected,
    rejected: chosen,
  }));
  const trainer = await create({ validation, steps: 3, patience: 3, evaluateEvery: 1 });
  await run(trainer, 3);
  const losses = trainer.curve.validation.map(({ loss }) => loss);
  const best = Math.min(...losses);
  assert.ok(losses.at(-1)! > best, 'what is learned is wrong for the held-out pairs');
  assert.is((await trainer.measures())!.loss, best);
  assert.is(await trainer.evaluate(), losses.at(-1));
  trainer.dispose();
});

test('the log-probabilities of the model show their progress, and can be stopped', async () => {
  const seen: number[] = [];
  const controller = new AbortController();
  const stopped = create({
    signal: controller.signal,
    onProgress({ done, total }) {
      assert.is(total, 48);
      seen.push(done);
      if (done === 16) controller.abort();
    },
  });
  await thrown(() => stopped, 'aborted');
  assert.equal(seen, [0, 8, 16]);
});

test('a state without its log-probabilities is refused, and so is that of another loss', async () => {
  const checkpoints = join(folder, 'changed');
  const trainer = await create({ checkpoints, steps: 3, validation: 0 });
  await run(trainer, 1);
  await trainer.saveState();
  trainer.dispose();
  const again = { checkpoints, steps: 3, validation: 0, resume: true };
  await thrown(() => create({ ...again, loss: 'simpo' }), 'invalid-option', 'loss');
  await thrown(() => create({ ...again, beta: 0.2 }), 'invalid-option', 'beta');
  await thrown(() => create({ ...again, data: PAIRS.slice(1) }), 'invalid-option', 'other data');
  const path = join(checkpoints, 'step-0000000001', 'state.json');
  const { reference, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  assert.is(reference.length, 24);
  for (const wrong of [undefined, reference.slice(1), [...reference.slice(1), null]]) {
    writeFileSync(path, JSON.stringify({ ...rest, reference: wrong }));
    await thrown(() => create(again), 'invalid-file', '24 log-probabilities');
  }
});

test('wrong options are refused by name', async () => {
  await thrown(() => create({ loss: 'ppo' as never }), 'invalid-option', 'loss', "'dpo', 'simpo' or 'kto'");
  await thrown(() => create({ quantize: 'q4' }), 'invalid-option', 'quantize needs lora');
  await thrown(
    () => create({ quantize: 'q5' as never, lora: {} }),
    'invalid-option',
    'quantize',
    "'q8' or 'q4'",
  );
  await thrown(() => create({ gamma: 1 }), 'invalid-option', "gamma applies to loss 'simpo'");
  await thrown(() => create({ desirableWeight: 1 }), 'invalid-option', "loss 'kto'");
  await thrown(() => create({ beta: 0 }), 'invalid-option', 'beta');
  await thrown(() => create({ model: undefined as never }), 'invalid-option', 'give the model');
  await thrown(() => create({ loss_type: 'dpo' } as never), 'invalid-option', 'loss');
  await thrown(() => create({ contextLength: 41 }), 'invalid-option', 'contextLength');
});

test.run();
