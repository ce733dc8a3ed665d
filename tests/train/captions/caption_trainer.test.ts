import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCaptioner } from '../../../src/checkpoints/vision/open.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import type { CaptionExample } from '../../../src/train/captions/caption_data.js';
import type { CaptionTrainerOptions } from '../../../src/train/captions/caption_options.js';
import { CaptionTrainer } from '../../../src/train/captions/caption_trainer.js';
import { permutation } from '../../../src/train/data/shuffle.js';
import { initializeWeights } from '../../../src/train/initialize.js';
import { trainStep } from '../../../src/train/step.js';
import type { TrainingStep } from '../../../src/train/training_step.js';
import type { Captioner } from '../../../src/vision/captioner.js';
import { loadCaptioner } from '../../../src/vision/load_captioner.js';
import { split } from '../../checkpoints/support.js';
import { randomSource } from '../../support/random.js';
import { ODD } from '../../support/random_captioners.js';
import { thrown } from '../../support/thrown.js';
import { OPTIONS, PICTURES, run, TINY } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-captions-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const FIXTURES = new URL('../../fixtures/cross/', import.meta.url).pathname;
const QUIET = { build: 'simd', threads: 1 } as const;

/** Steps without the field that depends on the clock. */
const facts = (steps: readonly TrainingStep[]) => steps.map((step) => ({ ...step, tokensPerSecond: 0 }));

async function saved(trainer: CaptionTrainer): Promise<string> {
  const out = join(folder, `saved-${Math.random()}`);
  await trainer.save(out);
  return out;
}

const weightsIn = (out: string, name = 'model.safetensors') => readFileSync(join(out, name));

test('a step is that of trainStep on examples in a seeded order', async () => {
  const trainer = await CaptionTrainer.create({ ...OPTIONS, validation: 0, dropout: 0, steps: 3 });
  const steps = await run(trainer);
  const { encoder, config } = ODD;
  const shape = { batch: 3, length: 6, encoder };
  const core = await TrainCore.create({ config, shape, ...QUIET });
  initializeWeights(core, 5);
  // No example is held out: the first stream of random numbers gives the order of the first epoch.
  const order = permutation(30, 5, 1);
  for (const [i, { loss, learningRate }] of steps.entries()) {
    const batches = [0, 1].map((half) => {
      const examples = Array.from(order.slice(6 * i + 3 * half, 6 * i + 3 * half + 3), (at) => PICTURES[at]!);
      const length = 1 + Math.max(...examples.map(({ ids }) => ids!.length));
      const pad = (ids: number[], fill: number) => [...ids, ...Array(length - ids.length).fill(fill)];
      return {
        ...{ batch: 3, length },
        tokens: examples.flatMap(({ ids }) => pad([0, ...Array.from(ids!)], 0)),
        targets: examples.flatMap(({ ids }) => pad([...Array.from(ids!), 0], -1)),
        pixels: Float32Array.from(examples.flatMap(({ pixels }) => Array.from(pixels!))),
      };
    });
    const want = await trainStep(core, batches, { step: i + 1, learningRate, seed: 5 });
    assert.is(loss, want.loss);
  }
  core.dispose();
  trainer.dispose();
});

test('a run that is resumed from any training state is the run that was never stopped, bit for bit', async () => {
  const stream = {
    *[Symbol.iterator]() {
      yield* PICTURES.slice(0, 17);
    },
  };
  const cases: [string, Partial<CaptionTrainerOptions>][] = [
    ['array', {}],
    ['iterable', { data: stream, validation: PICTURES.slice(17) }],
    ['frozen', { frozen: ['encoder'], recompute: true }],
  ];
  for (const [title, more] of cases) {
    const whole = await CaptionTrainer.create({ ...OPTIONS, ...more, patience: 3 });
    const want = await run(whole);
    const due = want.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step);
    assert.equal(due, [5, 10, 12]);
    const bytes = weightsIn(await saved(whole));
    for (const stop of [1, 7]) {
      const checkpoints = join(folder, `${title}-${stop}`);
      const options = { ...OPTIONS, ...more, patience: 3, checkpoints, checkpointEvery: 2 };
      const first = await CaptionTrainer.create(options);
      const before = await run(first, stop);
      if (stop !== 7) await first.saveState();
      first.dispose();
      const second = await CaptionTrainer.create({ ...options, resume: true });
      // Step 7 was lost: the newest training state is that after step 6.
      const kept = stop === 7 ? before.slice(0, 6) : before;
      assert.is(second.step, kept.length);
      assert.equal(facts([...kept, ...(await run(second))]), facts(want));
      assert.equal(second.curve, whole.curve);
      assert.ok(bytes.equals(weightsIn(await saved(second))), `${title}, stopped after ${stop}`);
      await second.deleteStates();
      assert.not.ok(readdirSync(folder).includes(`${title}-${stop}`));
      second.dispose();
    }
    whole.dispose();
  }
});

/** The mean loss of captions by a captioner's logits. */
async function lossOf(captioner: Captioner, examples: readonly CaptionExample[]): Promise<number> {
  const V = captioner.config.decoder.vocabSize;
  let [sum, count] = [0, 0];
  for (const { pixels, ids } of examples) {
    const tokens = [captioner.config.startTokenId, ...Array.from(ids!)];
    const logits = await captioner.logits(pixels!, tokens);
    for (const [t, target] of [...Array.from(ids!), 0].entries()) {
      const row = logits.subarray(t * V, (t + 1) * V);
      const largest = Math.max(...row);
      sum +=
        largest + Math.log(row.reduce((all, logit) => all + Math.exp(logit - largest), 0)) - row[target]!;
      count++;
    }
  }
  return sum / count;
}

test('training lowers the loss of held-out pictures, and the saved captioner has that loss', async () => {
  const held = PICTURES.slice(0, 10);
  const options = { ...OPTIONS, validation: held, dropout: 0, steps: 150, accumulation: 1, batchSize: 10 };
  const trainer = await CaptionTrainer.create(options);
  const before = (await trainer.evaluate())!;
  const after = (await run(trainer)).at(-1)!.validationLoss!;
  assert.ok(Math.abs(before - Math.log(TINY.decoder.vocabSize)) < 0.2, `${before}`);
  assert.ok(after < before / 2, `${before} ${after}`);
  const out = await saved(trainer);
  const [opened, copy] = [await loadCaptioner(out, QUIET), await trainer.captioner(QUIET)];
  assert.equal(opened.config, trainer.config);
  for (const captioner of [opened, copy]) {
    const loss = await lossOf(captioner, held);
    assert.ok(Math.abs(loss - after) < 1e-4, `${loss} ${after}`);
  }
  assert.equal(
    (await opened.caption(held[0]!.pixels!)).tokens,
    (await copy.caption(held[0]!.pixels!)).tokens,
  );
  for (const one of [trainer, opened, copy]) one.dispose();
});

for (const name of ['vit-gpt2', 'deit-gpt2', 'vit-gpt2-wider']) {
  test(`${name}: a captioner that is opened and saved keeps its weights and its config`, async () => {
    const model = join(FIXTURES, name);
    const encoder = (await openCaptioner(await folderSource(model))).encoder.config;
    const pixels = new Float32Array(encoder.imageChannels * encoder.imageSize[0] * encoder.imageSize[1]);
    const data = [
      { pixels, ids: [1, 2] },
      { pixels, ids: [3] },
    ];
    const trainer = await CaptionTrainer.create({ model, data, steps: 1, validation: 0, ...QUIET });
    const out = await saved(trainer);
    const [before, after] = [split(weightsIn(model)), split(weightsIn(out))];
    for (const [tensor, { shape, data_offsets }] of Object.entries(after.header)) {
      const stored = before.header[tensor]!;
      assert.equal(shape, stored.shape, tensor);
      assert.ok(
        Buffer.compare(after.data.subarray(...data_offsets), before.data.subarray(...stored.data_offsets)) ===
          0,
        tensor,
      );
    }
    const missing = Object.keys(before.header).filter((tensor) => !(tensor in after.header));
    assert.ok(
      missing.every((tensor) => tensor.startsWith('encoder.pooler.')),
      missing.join(),
    );
    const [first, second] = [
      await openCaptioner(await folderSource(model)),
      await openCaptioner(await folderSource(out)),
    ];
    assert.equal(second.encoder.config, first.encoder.config);
    assert.equal(second.decoder.config, first.decoder.config);
    assert.is(second.startTokenId, first.startTokenId);
    assert.equal(second.preprocessor, first.preprocessor);
    trainer.dispose();
  });
}

test('an adapter of any matrices is saved as PEFT does, and merged into the captioner that it was trained for', async () => {
  const model = join(FIXTURES, 'vit-gpt2-wider');
  const { imageChannels, imageSize } = (await openCaptioner(await folderSource(model))).encoder.config;
  const random = randomSource(3);
  const data = Array.from({ length: 6 }, (_, i) => ({
    pixels: Float32Array.from({ length: imageChannels * imageSize[0] * imageSize[1] }, () =>
      random.uniform(),
    ),
    ids: [1 + i, 2],
  }));
  const lora = { rank: 3, targets: ['c_attn', 'query', 'value', 'crossattention.c_proj', 'output.dense'] };
  const trainer = await CaptionTrainer.create({
    ...{ model, data, lora, steps: 5, batchSize: 3, learningRate: 0.02, validation: data, ...QUIET },
  });
  const { validationLoss } = (await run(trainer)).at(-1)!;
  const out = await saved(trainer);
  const { header } = split(weightsIn(out, 'adapter_model.safetensors'));
  const prefix = 'base_model.model';
  assert.equal(
    Object.keys(header)
      .filter((name) => name.includes('.1.') && name.endsWith('lora_A.weight'))
      .sort(),
    [
      `${prefix}.decoder.transformer.h.1.attn.c_attn.lora_A.weight`,
      `${prefix}.decoder.transformer.h.1.crossattention.c_attn.lora_A.weight`,
      `${prefix}.decoder.transformer.h.1.crossattention.c_proj.lora_A.weight`,
      `${prefix}.encoder.encoder.layer.1.attention.attention.query.lora_A.weight`,
      `${prefix}.encoder.encoder.layer.1.attention.attention.value.lora_A.weight`,
      `${prefix}.encoder.encoder.layer.1.attention.output.dense.lora_A.weight`,
      `${prefix}.encoder.encoder.layer.1.output.dense.lora_A.weight`,
    ],
  );
  const base = await loadCaptioner(model, QUIET);
  const [opened, copy] = [
    await loadCaptioner(model, { ...QUIET, adapters: [out] }),
    await trainer.captioner(QUIET),
  ];
  const before = await lossOf(base, data);
  for (const captioner of [opened, copy]) {
    const loss = await lossOf(captioner, data);
    assert.ok(Math.abs(loss - validationLoss!) < 1e-4, `${loss} ${validationLoss}`);
    assert.ok(loss < before - 0.05, `${loss} ${before}`);
  }
  // An adapter that is trained on top of another one begins with it merged.
  const second = await CaptionTrainer.create({
    model,
    data,
    adapters: [out],
    steps: 1,
    validation: data,
    ...QUIET,
  });
  assert.ok(Math.abs((await second.evaluate())! - validationLoss!) < 1e-4);
  for (const one of [trainer, second, base, opened, copy]) one.dispose();
});

test('two threads and one train the same captioner', async () => {
  const [one, two] = await Promise.all(
    [1, 2].map(async (threads) => {
      const trainer = await CaptionTrainer.create({ ...OPTIONS, threads, steps: 4 });
      const steps = facts(await run(trainer));
      const bytes = weightsIn(await saved(trainer));
      trainer.dispose();
      return { steps, bytes };
    }),
  );
  assert.equal(two!.steps, one!.steps);
  assert.ok(two!.bytes.equals(one!.bytes));
});

test('an iterable is read as far as the steps need it, in its own order', async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<CaptionExample> {
    for (;;) yield PICTURES[read++ % PICTURES.length]!;
  }
  const trainer = await CaptionTrainer.create({ ...OPTIONS, data: endless(), validation: 0, steps: 5 });
  await run(trainer, 2);
  assert.is(read, 12);
  await run(trainer);
  assert.is(read, 30);
  trainer.dispose();
});

test('a dataset is asked for the examples of each batch alone, which need not be in memory', async () => {
  const asked: number[] = [];
  const data = {
    length: 30,
    async get(index: number) {
      asked.push(index);
      return PICTURES[index]!;
    },
  };
  const trainer = await CaptionTrainer.create({ ...OPTIONS, data, validation: 0, steps: 7 });
  await run(trainer, 5);
  assert.is(asked.length, 30);
  assert.equal(
    asked.slice().sort((a, b) => a - b),
    Array.from({ length: 30 }, (_, i) => i),
  );
  await run(trainer);
  assert.is(asked.length, 42);
  const other = await CaptionTrainer.create({ ...OPTIONS, validation: 0, steps: 7 });
  assert.equal(
    facts(await run(other)).map(({ loss }) => loss),
    trainer.curve.training.map(({ loss }) => loss),
  );
  for (const one of [trainer, other]) one.dispose();
});

test('an example that cannot be learned is named, and the run continues once it can', async () => {
  const bad: Record<string, [object, string]> = {
    'no caption': [{ pixels: PICTURES[0]!.pixels }, 'either text or ids'],
    'two captions': [{ ...PICTURES[0], text: 'a' }, 'either text or ids'],
    'no tokenizer': [{ pixels: PICTURES[0]!.pixels, text: 'a' }, 'no tokenizer'],
    'no pixels': [{ ids: [1] }, 'one of pixels, image and states'],
    'too long': [{ ...PICTURES[0], ids: [1, 2, 3, 4, 5, 6] }, 'contextLength'],
    'other token': [{ ...PICTURES[0], ids: [37] }, '37'],
    'other size': [{ ...PICTURES[0], pixels: new Float32Array(5) }, 'numbers'],
    'no numbers': [{ ...PICTURES[0], pixels: new Float32Array(162).fill(NaN) }, 'not finite'],
    'states of a trained encoder': [{ states: new Float32Array(144), ids: [1] }, 'frozen'],
    'no list': [null as never, 'the example'],
    image: [{ image: { width: 1, height: 1, data: new Uint8Array(3) }, ids: [1] }, 'preprocessor'],
  };
  for (const [title, [example, words]] of Object.entries(bad)) {
    let isBad = true;
    const data = {
      length: 6,
      get: (i: number) => (isBad && i === 3 ? (example as CaptionExample) : PICTURES[i]!),
    };
    const options = { ...OPTIONS, data, validation: 0, steps: 2, accumulation: 2 };
    const trainer = await CaptionTrainer.create(options);
    const error = await run(trainer).then(
      () => undefined,
      (reason: Error) => reason,
    );
    assert.ok(error?.message.includes(words), `${title}: ${error?.message}`);
    isBad = false;
    const steps = facts(await run(trainer));
    const fresh = await CaptionTrainer.create(options);
    assert.equal(steps, facts(await run(fresh)), title);
    for (const one of [trainer, fresh]) one.dispose();
  }
});

test('options that cannot be are refused by name', async () => {
  const { config, data } = OPTIONS;
  const wrong: [object, string][] = [
    [{ model: FIXTURES }, 'either model'],
    [{ config: undefined }, 'either model'],
    [{ data: 5 }, 'data'],
    [{ data: [], validation: 0 }, 'no examples'],
    [{ data: new Set(PICTURES), steps: undefined, validation: 0 }, 'give steps'],
    [{ data: new Set(PICTURES), validation: 0.2 }, 'validation'],
    [{ validation: 1 }, 'validation'],
    [{ lora: { rank: 2 } }, 'needs a model'],
    [{ frozen: ['encoder', 'decoder', 'cross'] }, 'nothing'],
    [{ frozen: 'encoder' }, 'frozen'],
    [{ startTokenId: 37 }, 'startTokenId'],
    [{ preprocessor: 'x' }, 'preprocessor'],
    [{ contextLength: 13 }, 'contextLength'],
    [{ layout: 'packed' }, 'layout'],
    [{ patience: 2, validation: 0 }, 'patience'],
    [{ config: { ...config!, encoder: { ...config!.encoder, heads: 5 } } }, 'encoder.heads'],
    [{ config: { encoder: config!.encoder } }, 'config'],
  ];
  for (const [more, words] of wrong) {
    const options = { ...OPTIONS, data, ...more } as CaptionTrainerOptions;
    await thrown(() => CaptionTrainer.create(options), 'invalid-option', words);
  }
  const ended = await CaptionTrainer.create({
    ...OPTIONS,
    data: PICTURES.slice(0, 7)[Symbol.iterator]() as never,
    validation: 0,
  });
  await thrown(() => run(ended), 'invalid-option', 'ended after 7 examples');
  ended.dispose();
});

test.run();
