import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Gpt2ErrorCode } from '../../src/base/errors.js';
import { QUANTIZED_FORMATS } from '../../src/dtypes/quantized_formats.js';
import { convertModel } from '../../src/model/convert_model.js';
import { loadModel } from '../../src/model/load_model.js';
import type { LoadModelOptions } from '../../src/model/load_options.js';
import type { Model } from '../../src/model/model.js';
import { ClassifierTrainer } from '../../src/train/classes/classifier_trainer.js';
import { Trainer } from '../../src/train/trainer.js';
import type { TrainerOptions } from '../../src/train/trainer_options.js';
import { memoryTarget } from '../support/memory_target.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { OPTIONS, run, TINY, tokenizer } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-quantize-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Whole blocks, so that GGUF holds the format. */
const BLOCKS: TrainerOptions = {
  ...OPTIONS,
  ...{ config: { ...TINY, channels: 32, heads: 4, innerChannels: 64 }, learningRate: 1e-2, steps: 8 },
};

const { config: _, ...FROM_MODEL } = OPTIONS;
const ADAPTER: TrainerOptions = {
  ...{ ...FROM_MODEL, model: storiesTiny, lora: { rank: 2 }, learningRate: 2e-2, steps: 4, dropout: 0 },
  ...{ evaluateEvery: 2, contextLength: 12, batchSize: 2, accumulation: 1 },
};

const ids = tokenizer.encode('The walrus hums near the');
const logitsOf = async (model: Model) => {
  const logits = await model.logits(ids);
  model.dispose();
  return logits;
};
const load = async (files: Parameters<typeof loadModel>[0], options: LoadModelOptions = {}) =>
  logitsOf(await loadModel(files, { build: 'simd', threads: 1, ...options }));

async function saved(trainer: Trainer): Promise<Record<string, Uint8Array>> {
  const target = memoryTarget();
  await trainer.save(target);
  return target.files;
}

for (const quantize of QUANTIZED_FORMATS) {
  test(`what is saved after training in ${quantize} is in ${quantize}, f32 and GGUF the model that was trained`, async () => {
    const trainer = await Trainer.create({ ...BLOCKS, quantize, quantizeFrom: 3 });
    const steps = await run(trainer);
    const files = await saved(trainer);
    const want = await logitsOf(await trainer.model());
    assert.equal(await load(files, { weights: quantize }), want);
    const gguf = await convertModel(files, { weights: quantize });
    assert.equal(await load({ 'model.gguf': await bytesOf(gguf.bytes()) }, { weights: quantize }), want);
    const { config: __, ...options } = BLOCKS;
    const inF32 = await Trainer.create({ ...options, model: files });
    assert.is(await inF32.evaluate(), steps.at(-1)!.validationLoss);
    for (const one of [trainer, inF32]) one.dispose();
  });
}

async function bytesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

test('steps are those of f32 until quantization begins, and others after it', async () => {
  const plain = await Trainer.create(OPTIONS);
  const trainer = await Trainer.create({ ...OPTIONS, quantize: 'q4', quantizeFrom: 5 });
  const [want, got] = [await run(plain), await run(trainer)];
  const losses = (steps: typeof want) => steps.map(({ loss }) => loss);
  assert.equal(losses(got).slice(0, 5), losses(want).slice(0, 5));
  assert.is.not(got[4]!.validationLoss, want[4]!.validationLoss);
  assert.is.not(got[5]!.loss, want[5]!.loss);
  for (const one of [plain, trainer]) one.dispose();
});

for (const [title, given] of [
  ['in q4', { ...OPTIONS, quantize: 'q4', quantizeFrom: 5, patience: 2 }],
  ['in q8 with Muon', { ...OPTIONS, quantize: 'q8', quantizeFrom: 2, optimizer: 'muon', steps: 5 }],
  ['of an adapter beside q8', { ...ADAPTER, quantize: 'q8', patience: 2 }],
] as const) {
  test(`a run ${title} that is resumed has the bits of one that was never stopped`, async () => {
    const whole = await Trainer.create(given);
    const want = await run(whole);
    const bytes = await saved(whole);
    for (const stop of [1, 3, ...(whole.steps > 6 ? [5, 6] : [])]) {
      const options = { ...given, checkpoints: join(folder, `${title} ${stop}`) };
      const first = await Trainer.create(options);
      const before = await run(first, stop);
      await first.saveState();
      first.dispose();
      const second = await Trainer.create({ ...options, resume: true, threads: 2 });
      const facts = (steps: typeof want) => steps.map((step) => ({ ...step, tokensPerSecond: 0 }));
      assert.equal(facts([...before, ...(await run(second))]), facts(want));
      assert.equal(await saved(second), bytes, `stopped after ${stop}`);
      second.dispose();
    }
    whole.dispose();
  });
}

test('an adapter is trained beside the numbers that loading in q4 has, and generates beside them', async () => {
  const trainer = await Trainer.create({ ...ADAPTER, quantize: 'q4' });
  await run(trainer);
  const files = await saved(trainer);
  assert.ok('adapter_model.safetensors' in files);
  const want = await logitsOf(await trainer.model());
  const base = await loadModel(storiesTiny, { weights: 'q4', build: 'simd', threads: 1 });
  const model = await base.withAdapters([files]);
  assert.equal(await model.logits(ids), want);
  // The blocks of a file in the same format stay as they are.
  const gguf = await convertModel(storiesTiny, { weights: 'q4' });
  const again = await Trainer.create({
    ...ADAPTER,
    ...{ quantize: 'q4', model: { 'model.gguf': await bytesOf(gguf.bytes()) } },
  });
  const losses = (steps: Awaited<ReturnType<typeof run>>) => steps.map(({ loss }) => loss);
  assert.equal(
    losses(await run(again)),
    trainer.curve.training.map(({ loss }) => loss),
  );
  for (const one of [trainer, again, model, base]) one.dispose();
});

test('patience keeps weights of the format, and compares only losses in it', async () => {
  const options = { ...BLOCKS, quantize: 'q4' as const, quantizeFrom: 3, patience: 1, evaluateEvery: 1 };
  // The loss rises at such a rate: the first evaluation in q4 is the best one.
  const trainer = await Trainer.create({ ...options, learningRate: 3, steps: 8, schedule: 'constant' });
  const steps = await run(trainer);
  const from = steps.filter(({ step }) => step >= 3);
  assert.ok(from.length >= 2 && steps.length < 8, `${steps.length} steps`);
  const files = await saved(trainer);
  assert.equal(await load(files, { weights: 'q4' }), await logitsOf(await trainer.model()));
  const { config: __, ...others } = BLOCKS;
  const best = await Trainer.create({ ...others, model: files });
  assert.is(await best.evaluate(), Math.min(...from.map(({ validationLoss }) => validationLoss!)));
  for (const one of [trainer, best]) one.dispose();
});

test('options that cannot be are refused by name', async () => {
  const cases: [object, Gpt2ErrorCode, RegExp | string][] = [
    [{ ...OPTIONS, quantize: 'f32' }, 'invalid-option', "it must be 'q8' or 'q4'"],
    [{ ...OPTIONS, quantize: 4 }, 'invalid-option', 'quantize is 4'],
    [{ ...OPTIONS, quantizeFrom: 3 }, 'invalid-option', 'quantizeFrom needs quantize'],
    [{ ...OPTIONS, quantize: 'q4', quantizeFrom: 12 }, 'invalid-option', 'below the steps of the run, 12'],
    [{ ...OPTIONS, quantize: 'q4', quantizeFrom: 1.5 }, 'invalid-option', 'quantizeFrom is 1.5'],
    [{ ...ADAPTER, quantize: 'q4', quantizeFrom: 1 }, 'invalid-option', 'quantizeFrom is not for lora'],
  ];
  for (const [options, code, words] of cases) {
    await thrown(() => Trainer.create(options as TrainerOptions), code, words);
  }
  const data = [
    { text: 'a', label: 'x' },
    { text: 'b', label: 'y' },
  ];
  const classifier = { model: storiesTiny, data, quantize: 'q4' };
  await thrown(() => ClassifierTrainer.create(classifier), 'invalid-option', 'quantize');
});

test.run();
