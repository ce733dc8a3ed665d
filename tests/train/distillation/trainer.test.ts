import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Gpt2ErrorCode } from '../../../src/base/errors.js';
import { checkDistillation } from '../../../src/train/distillation/options.js';
import { TEXTS_FILE } from '../../../src/train/distillation/stored_texts.js';
import { checkMemory } from '../../../src/train/memory_check.js';
import { Trainer } from '../../../src/train/trainer.js';
import type { TrainerOptions } from '../../../src/train/trainer_options.js';
import { memoryTarget } from '../../support/memory_target.js';
import { holds } from '../../support/property.js';
import { randomFiles, randomModel } from '../../support/random_core.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { watchWorkers } from '../../support/workers.js';
import { triesWrongTypes } from '../../support/wrong_types.js';
import { OPTIONS, run, TINY } from '../tiny.js';
import { TEACHERS } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-distillation-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const DISTILL: TrainerOptions = { ...OPTIONS, steps: 6, teachers: TEACHERS, teacherTexts: 5 };

/** The steps of a run, without times, and its weights. */
async function result(trainer: Trainer, most?: number) {
  const steps = (await run(trainer, most)).map((step) => ({ ...step, tokensPerSecond: 0 }));
  const target = memoryTarget();
  await trainer.save(target);
  const weights = target.files['model.safetensors'] ?? target.files['adapter_model.safetensors']!;
  return { steps, weights: Buffer.from(weights) };
}

async function whole(options: TrainerOptions) {
  const trainer = await Trainer.create(options);
  try {
    return await result(trainer);
  } finally {
    trainer.dispose();
  }
}

test('a run with teachers is the same on any threads, and resumed after any step, bit for bit', async () => {
  const options = fc.record({
    ...{ seed: fc.nat(2 ** 32 - 1), stop: fc.integer({ min: 1, max: 5 }), threads: fc.constantFrom(1, 2) },
    ...{
      hardShare: fc.constantFrom(0, 0.4),
      lora: fc.boolean(),
      teacherTexts: fc.integer({ min: 0, max: 4 }),
    },
    ...{ documentBorders: fc.boolean(), format: fc.constantFrom({}, { quantize: 'q8' as const }) },
  });
  const model = await randomModel();
  await holds(
    'runs with teachers',
    options,
    async ({ stop, threads, lora, format, ...drawn }) => {
      const { config: _, ...others } = { ...DISTILL, ...drawn, ...format };
      const start = lora ? { ...others, model, lora: { rank: 2 } } : { ...others, config: TINY };
      const want = await whole(start);
      const checkpoints = mkdtempSync(join(folder, 'run-'));
      const saved = { ...start, checkpoints };
      const first = await Trainer.create({ ...saved, threads });
      const before = await result(first, stop);
      await first.saveState();
      const counts = first.data;
      first.dispose();
      let written = 0;
      const second = await Trainer.create({ ...saved, resume: true, onTeacherText: () => written++ });
      assert.is(written, 0, 'no text is written again');
      assert.equal(second.data, counts);
      const after = await result(second);
      second.dispose();
      assert.equal([...before.steps, ...after.steps], want.steps);
      assert.ok(want.weights.equals(after.weights));
    },
    4,
  );
});

test('teachers change what is learned, and held-out losses stay those of the data', async () => {
  const losses = async (options: TrainerOptions) => {
    const trainer = await Trainer.create(options);
    const before = await trainer.evaluate();
    const { loss } = (await run(trainer, 1))[0]!;
    trainer.dispose();
    return { before, loss };
  };
  const { teacherTexts: _, ...options } = DISTILL;
  const taught = await losses({ ...options, hardShare: 0 });
  const alone = await losses(OPTIONS);
  assert.is(taught.before, alone.before);
  assert.ok(Math.abs(taught.loss - alone.loss) > 1e-3);
});

test('texts of teachers are learned beside the data, never held out, and counted', async () => {
  const seen: number[] = [];
  const alone = await Trainer.create(OPTIONS);
  const taught = await Trainer.create({ ...DISTILL, onTeacherText: ({ tokens }) => seen.push(tokens) });
  const [before, after] = [alone.data, taught.data];
  assert.equal(before.written, { documents: 0, tokens: 0 });
  assert.is(after.written.documents, 5);
  assert.is(after.written.tokens, seen.at(-1));
  assert.equal(after.validation, before.validation);
  assert.equal(after.training, {
    documents: before.training.documents + 5,
    tokens: before.training.tokens + after.written.tokens,
  });
  assert.is(seen.length, 5);
  for (const trainer of [alone, taught]) trainer.dispose();
});

test('a resumed run has the teachers, the share and the texts that it began with', async () => {
  const checkpoints = join(folder, 'resumed');
  const first = await Trainer.create({ ...DISTILL, checkpoints });
  await run(first, 1);
  await first.saveState();
  first.dispose();
  const state = join(checkpoints, readdirSync(checkpoints)[0]!);
  assert.ok(readdirSync(state).includes(TEXTS_FILE));
  const saved = { ...DISTILL, checkpoints, resume: true };
  const { teachers: _, teacherTexts: __, ...without } = saved;
  for (const [options, words] of [
    [{ ...saved, teachers: [TEACHERS[1]!, TEACHERS[0]!] }, /with other teachers/],
    [{ ...saved, hardShare: 0.5 }, /with hardShare 0.3/],
    [{ ...saved, teacherTexts: 6 }, /with teacherTexts 5/],
    [without, /with other teachers/],
  ] as const) {
    await thrown(() => Trainer.create(options), 'invalid-option', words);
  }
  writeFileSync(join(state, TEXTS_FILE), new Uint8Array(3));
  await thrown(() => Trainer.create(saved), 'invalid-file', /teacher_texts/);
});

test('what does not fit is refused before the data are read', async () => {
  const data = {
    [Symbol.iterator](): Iterator<string> {
      throw new Error('the data are read');
    },
  };
  const refused = (change: object, code: Gpt2ErrorCode, ...words: RegExp[]) =>
    thrown(() => Trainer.create({ ...OPTIONS, data, ...change } as TrainerOptions), code, ...words);
  const small = await randomModel({ contextLength: 12 });
  const fewer = await randomModel({ vocabSize: 1000 });
  for (const [change, ...words] of [
    [{ teachers: [] }, /0 teachers/],
    [{ teachers: 'gpt2' }, /teachers is "gpt2"; it must be an array of 1 to 16 models/],
    [{ teachers: [undefined] }, /teachers\[0\]/],
    [{ teachers: new Array(17).fill(TEACHERS[0]) }, /17 teachers/],
    [{ teachers: TEACHERS, hardShare: 1 }, /hardShare is 1; it must be at least 0 and below 1/],
    [{ teachers: TEACHERS, teacherTexts: -1 }, /teacherTexts is -1/],
    [{ hardShare: 0.5 }, /hardShare needs teachers/],
    [{ teacherTexts: 5 }, /teacherTexts needs teachers/],
    [{ teachers: [TEACHERS[0], small] }, /context of 12 tokens/, /set contextLength to 12/],
    [{ teachers: [fewer] }, /the teacher random needs the vocabulary of this model, 1024 tokens/],
  ] as const) {
    await refused(change, 'invalid-option', ...words);
  }
  await refused({ teachers: ['no-such-folder'] }, 'not-found', /no-such-folder/);
});

triesWrongTypes(test, {
  checkDistillation: [
    (options) => checkDistillation(Object(options)),
    { teachers: ['gpt2'], hardShare: 0.5, teacherTexts: 2 },
  ],
});

test('a teacher with other tokens is refused', async () => {
  const files = await otherTokens();
  await thrown(
    () => Trainer.create({ ...OPTIONS, teachers: [memorySource('stranger', files)] }),
    'invalid-option',
    /the teacher stranger needs the vocabulary of this model: token \d+ is/,
  );
});

/** A teacher of as many tokens, of which two have changed places. */
async function otherTokens(): Promise<Record<string, Uint8Array>> {
  const files = await randomFiles();
  const { 'vocab.json': stored, 'tokenizer.json': _, ...others } = files;
  const vocab = JSON.parse(new TextDecoder().decode(stored)) as Record<string, number>;
  const [a, b] = Object.keys(vocab).filter((token) => [700, 701].includes(vocab[token]!)) as [string, string];
  [vocab[a], vocab[b]] = [vocab[b]!, vocab[a]!];
  return { ...others, 'vocab.json': new TextEncoder().encode(JSON.stringify(vocab)) };
}

test('the memory of teachers counts', async () => {
  const shape = { batch: 1, length: 8 };
  await thrown(
    () => checkMemory(TINY, shape, { teachers: 2 ** 30 }, 2 ** 30),
    'out-of-memory',
    /training needs 1 GiB of memory .*, teachers 1 GiB\), but/,
  );
});

test('threads of teachers end with the run, also if it could not begin', async () => {
  const { running, ended } = watchWorkers();
  const trainer = await Trainer.create({ ...DISTILL, threads: 2, teacherTexts: 1 });
  assert.is(running.size, 6, 'two of each model');
  trainer.dispose();
  await ended();
  const stop = new AbortController();
  const { signal } = stop;
  const options = { ...DISTILL, threads: 2, teacherTexts: 100, signal, onTeacherText: () => stop.abort() };
  await thrown(() => Trainer.create(options), 'aborted', /writing texts of the teachers/);
  await ended();
  await thrown(() => Trainer.create({ ...DISTILL, threads: 2, warmup: 13 }), 'invalid-option', /warmup/);
  await ended();
});

test.run();
