import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Gpt2ErrorCode } from '../../../src/base/errors.js';
import type { AdapterChoice } from '../../../src/model/adapters/adapter_choice.js';
import { loadModel, loadTokenizer } from '../../../src/model/load_model.js';
import { Trainer } from '../../../src/train/trainer.js';
import type { TrainerOptions } from '../../../src/train/trainer_options.js';
import { split } from '../../checkpoints/support.js';
import { memoryTarget } from '../../support/memory_target.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-trainer-lora-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const STORIES = Array.from(
  { length: 30 },
  (_, i) => `The ${['zebra', 'walrus'][i % 2]} hums near the ${['quay', 'fjord', 'pond'][i % 3]}.`,
);

const tokenizer = await loadTokenizer(storiesTiny);

/** A model to change that a step takes milliseconds of. */
const base = join(folder, 'base');
{
  const config = { ...(await loadModel(storiesTiny)).config };
  const tiny = { ...config, contextLength: 40, channels: 24, heads: 3, layers: 2, innerChannels: 40 };
  for (const [name, seed] of [
    ['base', 1],
    ['other', 2],
  ] as const) {
    const options = { config: tiny, tokenizer, data: STORIES, seed, threads: 1, learningRate: 3e-3 };
    const trainer = await Trainer.create({ ...options, steps: 20 });
    for await (const _ of trainer);
    await trainer.save(join(folder, name));
    trainer.dispose();
  }
}

const OPTIONS: TrainerOptions = {
  ...{ model: base, data: STORIES, steps: 12, batchSize: 2, contextLength: 17, seed: 5, dropout: 0.1 },
  ...{
    validation: 0.2,
    evaluateEvery: 5,
    build: 'simd',
    threads: 1,
    lora: { rank: 3, targets: ['c_attn', 'c_proj'] },
  },
};

async function run(trainer: Trainer, most = Infinity): Promise<number[]> {
  const losses: number[] = [];
  for await (const { loss } of trainer) {
    losses.push(loss);
    if (losses.length === most) break;
  }
  return losses;
}

async function adapterOf(trainer: Trainer, name: string): Promise<Buffer> {
  await trainer.save(join(folder, name));
  return readFileSync(join(folder, name, 'adapter_model.safetensors'));
}

test('an adapter is saved in the format of PEFT, and gives the logits of the trainer’s model', async () => {
  const trainer = await Trainer.create({ ...OPTIONS, steps: 60, dropout: 0, learningRate: 2e-2 });
  const before = (await trainer.evaluate())!;
  const plain = await loadModel(base, { build: 'simd', threads: 1 });
  const ids = tokenizer.encode('The walrus hums');
  const untrained = await trainer.model();
  assert.equal(await untrained.logits(ids), await plain.logits(ids), 'an adapter begins as nothing');
  await run(trainer);
  const after = (await trainer.evaluate())!;
  assert.ok(after < before, `${before} ${after}`);

  const path = join(folder, 'saved');
  await trainer.save(path);
  assert.equal(readdirSync(path).sort(), ['adapter_config.json', 'adapter_model.safetensors']);
  const config = JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'));
  assert.equal([config.r, config.lora_alpha, config.base_model_name_or_path], [3, 6, base]);
  assert.equal(config.target_modules, ['attn.c_attn', 'attn.c_proj', 'mlp.c_proj']);
  const [copy, merged] = [
    await trainer.model(),
    await loadModel(base, { build: 'simd', threads: 1, adapters: [path] }),
  ];
  const want = await merged.logits(ids);
  assert.equal(await copy.logits(ids), want);
  assert.ok(want.some((value) => value !== 0));
  const beside = await (await plain.withAdapters([path])).logits(ids);
  beside.forEach((value, i) => void assert.ok(Math.abs(value - want[i]!) < 1e-4));
  for (const model of [trainer, plain, untrained, copy, merged]) model.dispose();
});

test('an adapter starts as in PEFT: A is uniform in +-1 / sqrt(inputs), B is 0', async () => {
  const tensorsOf = async (seed: number) => {
    const trainer = await Trainer.create({ ...OPTIONS, seed });
    const target = memoryTarget();
    await trainer.save(target);
    trainer.dispose();
    const { header, data } = split(target.files['adapter_model.safetensors']!);
    return Object.entries(header).map(([name, { shape, data_offsets }]) => {
      return { name, shape, values: new Float32Array(data.slice(...data_offsets).buffer) };
    });
  };
  const [first, same, other] = [await tensorsOf(3), await tensorsOf(3), await tensorsOf(4)];
  assert.equal(first, same);
  const beginnings = new Set<number>();
  let count = 0;
  for (const [i, { name, shape, values }] of first.entries()) {
    if (name.includes('lora_B')) {
      assert.ok(
        values.every((value) => value === 0),
        name,
      );
      continue;
    }
    count++;
    beginnings.add(values[0]! * Math.sqrt(shape[1]!));
    assert.is.not(other[i]!.values[0], values[0], `${name}: another seed`);
    const bound = 1 / Math.sqrt(shape[1]!);
    const size = Math.max(...values.map(Math.abs));
    assert.ok(size <= bound && size > 0.9 * bound, `${name}: ${size} of ${bound}`);
    // The variance of even numbers is a third of the bound's square.
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    assert.ok(Math.abs(variance / bound ** 2 - 1 / 3) < 0.12, `${name}: variance ${variance}`);
  }
  assert.is(count, 3 * 2);
  assert.is(beginnings.size, count, 'every A has numbers of its own');
});

test('a run starts with adapters of any kind, and with the head that they leave to the model', async () => {
  const { config } = await loadModel(base);
  const [V, C, N] = [config.vocabSize, config.channels, config.innerChannels];
  const filled = (shape: readonly number[], number: (i: number) => number) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { shape, values: Float32Array.from({ length }, (_, i) => number(i)) };
  };
  const wave = (...shape: number[]) => filled(shape, (i) => Math.sin(i) / 4);
  const adapter = memorySource('dora', {
    'adapter_config.json': JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4, use_dora: true }),
    'adapter_model.safetensors': safetensorsOf({
      'base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight': wave(2, C),
      'base_model.model.transformer.h.0.mlp.c_fc.lora_B.weight': wave(N, 2),
      'base_model.model.transformer.h.0.mlp.c_fc.lora_magnitude_vector': filled([N], (i) => 1 + (i % 3)),
      'base_model.model.transformer.wte.lora_embedding_A': wave(2, V),
      'base_model.model.transformer.wte.lora_embedding_B': wave(C, 2),
      'base_model.model.transformer.wte.lora_magnitude_vector': filled([C], (i) => 1 + (i % 2)),
    }),
  });
  const { lora: _, ...options } = OPTIONS;
  const trainer = await Trainer.create({ ...options, adapters: [adapter], steps: 1, learningRate: 1e-9 });
  await run(trainer);
  const path = join(folder, 'of-any-kind');
  await trainer.save(path);
  trainer.dispose();
  const [saved, merged] = [await loadModel(path), await loadModel(base, { adapters: [adapter] })];
  assert.not.ok(saved.config.tiedHead);
  const ids = tokenizer.encode('The walrus hums');
  const want = await merged.logits(ids);
  (await saved.logits(ids)).forEach((value, i) => {
    assert.ok(Math.abs(value - want[i]!) < 1e-4, `${i}: ${value} ${want[i]}`);
  });
  for (const model of [saved, merged]) model.dispose();
});

test('a run starts with the model and the adapters that were merged into it', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const trainer = await Trainer.create({ ...OPTIONS, learningRate: 2e-2 });
  await run(trainer);
  await trainer.save(first);
  const ids = tokenizer.encode('The walrus hums');
  const logitsWith = async (...adapters: AdapterChoice[]) => {
    const model = await loadModel(base, { build: 'simd', threads: 1, adapters });
    const logits = await model.logits(ids);
    model.dispose();
    return logits;
  };
  const half = { source: first, weight: 0.5 };
  const { lora: _, ...full } = OPTIONS;
  for (const options of [OPTIONS, full]) {
    const next = await Trainer.create({ ...options, adapters: [half], learningRate: 2e-2 });
    const before = await next.model();
    assert.equal(await before.logits(ids), await logitsWith(half));
    await run(next);
    const after = await next.model();
    const logits = await after.logits(ids);
    if (options === OPTIONS) {
      await next.save(second);
      const both = await logitsWith(half, second);
      logits.forEach((value, i) => void assert.ok(Math.abs(value - both[i]!) < 1e-4));
    }
    assert.is.not(logits[0], (await logitsWith(half))[0]);
    for (const one of [next, before, after]) one.dispose();
  }
  trainer.dispose();
});

test('a run that is resumed from any training state is the run that was never stopped, bit for bit', async () => {
  const whole = await Trainer.create({ ...OPTIONS, patience: 3 });
  const want = await run(whole);
  const bytes = await adapterOf(whole, 'whole');
  for (const stop of [1, 5, 11]) {
    const options = { ...OPTIONS, patience: 3, checkpoints: join(folder, `stopped-${stop}`) };
    const first = await Trainer.create(options);
    const before = await run(first, stop);
    await first.saveState();
    first.dispose();
    const second = await Trainer.create({ ...options, resume: true, threads: 2 });
    assert.equal([...before, ...(await run(second))], want);
    assert.equal(second.curve, whole.curve);
    assert.ok(bytes.equals(await adapterOf(second, 'resumed')), `stopped after ${stop}`);
    second.dispose();
  }
  whole.dispose();
});

test('invalid options are refused', async () => {
  const checkpoints = join(folder, 'checkpoints');
  const trainer = await Trainer.create({ ...OPTIONS, checkpoints });
  await run(trainer, 1);
  await trainer.saveState();
  trainer.dispose();
  const { lora: _, ...whole } = OPTIONS;
  const resume = { checkpoints, resume: true };
  const cases: [TrainerOptions, Gpt2ErrorCode, string][] = [
    [{ ...OPTIONS, ...resume, model: join(folder, 'other') }, 'invalid-option', 'other base'],
    [{ ...OPTIONS, ...resume, lora: { rank: 2 } }, 'invalid-option', 'rank'],
    [{ ...whole, ...resume }, 'invalid-option', 'lora'],
    [{ ...OPTIONS, lora: { rank: 0 } }, 'invalid-option', 'rank is 0'],
    [{ ...OPTIONS, lora: { alpha: -1 } }, 'invalid-option', 'alpha is -1'],
    [{ ...OPTIONS, lora: { targets: [] } }, 'invalid-option', 'targets'],
    [{ ...OPTIONS, lora: { targets: ['wte'] } }, 'invalid-option', 'c_proj'],
    [{ ...OPTIONS, lora: { r: 4 } as object }, 'invalid-option', 'lora'],
    [{ ...OPTIONS, lora: { rank: 1e9 } }, 'out-of-memory', 'moments'],
  ];
  for (const [options, code, words] of cases) {
    await thrown(() => Trainer.create(options), code, words);
  }
});

test.run();
