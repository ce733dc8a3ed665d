import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMapper, loadModel } from '../../../src/index.js';
import type { PrefixExample } from '../../../src/train/prefixes/prefix_data.js';
import type { PrefixTrainerOptions } from '../../../src/train/prefixes/prefix_options.js';
import { PrefixTrainer } from '../../../src/train/prefixes/prefix_trainer.js';
import type { TrainingStep } from '../../../src/train/training_step.js';
import { split } from '../../checkpoints/support.js';
import { literalMapper } from '../../support/literal_mapper.js';
import { memoryTarget } from '../../support/memory_target.js';
import { near } from '../../support/near.js';
import { SMALL_CONFIG, shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { StorageWriter } from '../../support/torch_models.js';
import { legacyFile, WrittenTensor } from '../../support/torch_writer.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-prefixes-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const QUIET = { build: 'simd', threads: 1 } as const;
const MODEL = memorySource('model', await shardedFiles());

const oneOf = (index: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => (i === index ? 1 : 0));

/** Six features, each with token ids of its own. */
const DATA: readonly PrefixExample[] = Array.from({ length: 12 }, (_, i) => ({
  features: oneOf(i % 6, 6),
  ids: [10 + (i % 6), 20 + (i % 6), ...(i % 2 ? [30] : [])],
}));

const MLP = { kind: 'mlp', features: 6, vectors: 3, innerChannels: 20 } as const;
const TRANSFORMER = { kind: 'transformer', features: 6, vectors: 3, made: 2, layers: 2, heads: 3 } as const;

/** Runs of which a step takes milliseconds. */
const OPTIONS: PrefixTrainerOptions = {
  ...{ model: MODEL, mapper: MLP, data: DATA, steps: 12, batchSize: 3, accumulation: 2 },
  ...{ learningRate: 3e-3, dropout: 0.1, seed: 5, validation: 0.2, evaluateEvery: 5, ...QUIET },
};

/** The steps of a run, or its next `most`. */
async function run(trainer: PrefixTrainer, most = Infinity): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of trainer) {
    steps.push(step);
    if (steps.length === most) break;
  }
  return steps;
}

/** Steps without the field that depends on the clock. */
const facts = (steps: readonly TrainingStep[]) => steps.map((step) => ({ ...step, tokensPerSecond: 0 }));

async function saved(trainer: PrefixTrainer): Promise<string> {
  const out = join(folder, `saved-${Math.random()}`);
  await trainer.save(out);
  return out;
}

/** All bytes of a folder. */
const bytesIn = (out: string) =>
  Buffer.concat(
    readdirSync(out)
      .sort()
      .map((name) => readFileSync(join(out, name))),
  );

const SENTENCES = [
  'A cat sat in the sun.',
  'The dog ran to the park.',
  'Tom had a red ball.',
  'Mia saw a big bird.',
];

const SETUPS: readonly [
  title: string,
  more: Pick<PrefixTrainerOptions, 'mapper' | 'trainModel' | 'lora' | 'steps'>,
  files: readonly string[],
][] = [
  [
    'two matrices alone',
    { mapper: { kind: 'mlp', features: 4, vectors: 4 }, steps: 100 },
    ['model.safetensors'],
  ],
  [
    'a transformer alone',
    { mapper: { ...TRANSFORMER, features: 4, vectors: 4, heads: 2 }, steps: 60 },
    ['model.safetensors'],
  ],
  [
    'two matrices and GPT-2',
    { mapper: { kind: 'mlp', features: 4, vectors: 2 }, trainModel: true, steps: 25 },
    [
      ...['config.json', 'merges.txt', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'],
      'vocab.json',
    ],
  ],
  [
    'two matrices and an adapter',
    { mapper: { kind: 'mlp', features: 4, vectors: 2 }, lora: { rank: 4 }, steps: 40 },
    ['adapter_config.json', 'adapter_model.safetensors', 'model.safetensors'],
  ],
];

for (const [title, more, files] of SETUPS) {
  test(`${title}: features become the sentences that they were trained with, from the saved files too`, async () => {
    const data = SENTENCES.map((text, i) => ({ features: oneOf(i, 4), text }));
    const trainer = await PrefixTrainer.create({
      ...{
        model: storiesTiny,
        data,
        batchSize: 4,
        learningRate: 5e-3,
        warmup: 0,
        validation: data,
        ...QUIET,
      },
      ...more,
    });
    const { validationLoss, loss } = (await run(trainer)).at(-1)!;
    assert.ok(validationLoss! < 0.4 && loss < 0.4, `${validationLoss}`);
    const out = await saved(trainer);
    assert.equal(readdirSync(out).sort(), files);
    const adapters = more.lora && { adapters: [out] };
    const model = await loadModel(more.trainModel ? out : storiesTiny, { build: 'simd', ...adapters });
    const heads = 'heads' in more.mapper ? more.mapper.heads : undefined;
    const mapper = await loadMapper(out, { model, heads });
    const now = { model: await trainer.model(), mapper: await trainer.mapper() };
    for (const [i, { features, text }] of data.entries()) {
      const embeddings = await mapper.map(features);
      const own = await now.mapper.map(features);
      assert.equal(own, embeddings);
      assert.is((await model.generate({ embeddings }, { temperature: 0, maxTokens: 20 })).text, text);
      assert.is((await now.model.generate({ embeddings }, { temperature: 0, maxTokens: 20 })).text, text);
      // The loss is that of the text and its end.
      if (i > 0) continue;
      const ids = model.tokenizer.encode(text);
      const { logprobs } = await model.score({ embeddings, text: [...ids, model.config.eosTokenIds[0]!] });
      const alone = await PrefixTrainer.create({
        ...{
          model: more.trainModel ? out : storiesTiny,
          ...adapters,
          mapper: { source: out, ...(heads && { heads }) },
        },
        ...{ data: [{ features, text }], validation: [{ features, text }], steps: 1, ...QUIET },
      });
      near((await alone.evaluate())!, -logprobs.reduce((a, b) => a + b) / logprobs.length, 1e-4);
      alone.dispose();
    }
    for (const one of [trainer, model, mapper, now.model, now.mapper]) one.dispose();
  });
}

test('a run that is resumed from any training state is the run that was never stopped, bit for bit', async () => {
  const stream = {
    *[Symbol.iterator]() {
      yield* DATA.slice(0, 7);
    },
  };
  const cases: [string, Partial<PrefixTrainerOptions>][] = [
    ['matrices', {}],
    ['transformer', { mapper: TRANSFORMER, recompute: true, data: stream, validation: DATA.slice(7) }],
    ['model', { trainModel: true }],
    ['lora', { mapper: TRANSFORMER, lora: { rank: 2 } }],
  ];
  for (const [title, more] of cases) {
    const whole = await PrefixTrainer.create({ ...OPTIONS, ...more, patience: 3 });
    const want = await run(whole);
    const due = want.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step);
    assert.equal(due, [5, 10, 12]);
    const bytes = bytesIn(await saved(whole));
    for (const stop of [1, 7]) {
      const checkpoints = join(folder, `${title}-${stop}`);
      const options = { ...OPTIONS, ...more, patience: 3, checkpoints, checkpointEvery: 2 };
      const first = await PrefixTrainer.create(options);
      const before = await run(first, stop);
      if (stop !== 7) await first.saveState();
      first.dispose();
      await thrown(() => PrefixTrainer.create(options), 'invalid-option', 'resume it');
      const other = { ...options, resume: true, mapper: { ...MLP, vectors: 2 } };
      await thrown(() => PrefixTrainer.create(other), 'invalid-option', 'mapper');
      const second = await PrefixTrainer.create({ ...options, resume: true });
      const kept = stop === 7 ? before.slice(0, 6) : before;
      assert.is(second.step, kept.length);
      assert.equal(facts([...kept, ...(await run(second))]), facts(want));
      assert.ok(bytes.equals(bytesIn(await saved(second))), `${title}, stopped after ${stop}`);
      await second.deleteStates();
      second.dispose();
    }
    whole.dispose();
  }
});

test('two threads and one train the same mapper', async () => {
  for (const mapper of [MLP, TRANSFORMER]) {
    const results = [];
    for (const threads of [1, 2]) {
      const trainer = await PrefixTrainer.create({ ...OPTIONS, mapper, threads, steps: 4 });
      results.push([facts(await run(trainer)), bytesIn(await saved(trainer))]);
      trainer.dispose();
    }
    assert.equal(results[1], results[0]);
  }
});

test('a new mapper has the numbers that PyTorch would draw, and a saved one goes on with its own', async () => {
  const mapper = { kind: 'transformer', features: 30, vectors: 5, heads: 3 } as const;
  const trainer = await PrefixTrainer.create({
    ...OPTIONS,
    mapper,
    data: [{ features: oneOf(0, 30), ids: [1] }],
  });
  assert.equal(trainer.mapperConfig, {
    ...{ ...mapper, made: 10, layers: 8, channels: 24, innerChannels: 48 },
  });
  const target = memoryTarget();
  await trainer.save(target);
  const { header, data } = split(target.files['model.safetensors']!);
  const valuesOf = (name: string) => {
    const { data_offsets } = header[`clip_project.${name}`]!;
    return new Float32Array(Uint8Array.from(data.subarray(...data_offsets)).buffer);
  };
  const uniform = (name: string, inputs: number) => {
    const values = valuesOf(name);
    const bound = 1 / Math.sqrt(inputs);
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    assert.ok(
      values.every((value) => Math.abs(value) <= bound),
      name,
    );
    near(variance, bound ** 2 / 3, 0.3 * bound ** 2, name);
    assert.is(new Set(values).size > 0.9 * values.length, true);
  };
  uniform('linear.weight', 30);
  uniform('linear.bias', 30);
  for (const [name, inputs] of [
    ['attn.to_queries.weight', 24],
    ['attn.to_keys_values.weight', 24],
    ['attn.project.weight', 24],
    ['attn.project.bias', 24],
    ['mlp.fc1.weight', 24],
    ['mlp.fc1.bias', 24],
    ['mlp.fc2.weight', 48],
    ['mlp.fc2.bias', 48],
  ] as const) {
    uniform(`transformer.layers.7.${name}`, inputs);
  }
  for (const name of ['norm1', 'norm2']) {
    assert.equal(valuesOf(`transformer.layers.3.${name}.weight`), new Float32Array(24).fill(1));
    assert.equal(valuesOf(`transformer.layers.3.${name}.bias`), new Float32Array(24));
  }
  const learned = valuesOf('prefix_const');
  near(learned.reduce((sum, value) => sum + value ** 2, 0) / learned.length, 1, 0.4);
  const again = await PrefixTrainer.create({
    ...{ ...OPTIONS, mapper: { source: target.files, heads: 3 } },
    data: [{ features: oneOf(0, 30), ids: [1] }],
  });
  assert.equal(again.mapperConfig, trainer.mapperConfig);
  const copy = memoryTarget();
  await again.save(copy);
  assert.equal(copy.files, target.files);
  // A file of PyTorch may have matrices transposed.
  const writer = new StorageWriter('c');
  const stored = Object.entries(header).map(([name, { shape }]) => {
    const values = [...valuesOf(name.replace('clip_project.', ''))];
    const [rows, columns] = shape as [number, number];
    if (shape.length < 2) return [name, writer.tensor({ shape, values })] as const;
    const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
    const { storage, offset } = writer.tensor({ shape: [columns, rows], values: turned });
    return [name, new WrittenTensor(storage, offset, shape, [1, rows])] as const;
  });
  const torch = await PrefixTrainer.create({
    ...{ ...OPTIONS, mapper: { source: { 'coco_weights.pt': legacyFile(new Map(stored)) }, heads: 3 } },
    data: [{ features: oneOf(0, 30), ids: [1] }],
  });
  await torch.save(copy);
  assert.equal(copy.files, target.files);
  // The vectors are those of the definition.
  const tensors = Object.fromEntries(
    Object.entries(header).map(([name, { shape }]) => {
      const own = name.replace('clip_project.', '');
      return [own, { shape, values: valuesOf(own) }];
    }),
  );
  const made = await trainer.mapper();
  const features = oneOf(4, 30);
  for (const [i, value] of literalMapper(tensors, features, 3).entries()) {
    near((await made.map(features))[i]!, value, 1e-4);
  }
  for (const one of [trainer, again, torch, made]) one.dispose();
});

test('an example that cannot be learned is named, and the run continues once it can', async () => {
  const [first] = DATA as [PrefixExample];
  const bad: Record<string, [object, string]> = {
    'no text': [{ features: first.features }, 'either text or ids'],
    'two texts': [{ ...first, text: 'a' }, 'either text or ids'],
    'no features': [{ ids: [1] }, 'features is undefined'],
    'too long': [{ ...first, ids: new Array(38).fill(1) }, 'the 3 vectors before'],
    'other token': [{ ...first, ids: [SMALL_CONFIG.vocabSize] }, String(SMALL_CONFIG.vocabSize)],
    'other size': [{ ...first, features: new Float32Array(5) }, 'the mapper has 6'],
    'no numbers': [{ ...first, features: new Float32Array(6).fill(Number.NaN) }, 'not finite'],
    'no list': [null as never, 'the example'],
  };
  for (const [title, [example, words]] of Object.entries(bad)) {
    let isBad = true;
    const data = {
      length: 6,
      get: (i: number) => (isBad && i === 3 ? (example as PrefixExample) : DATA[i]!),
    };
    const options = { ...OPTIONS, data, validation: 0, steps: 1, contextLength: 40 };
    const trainer = await PrefixTrainer.create(options);
    await thrown(() => run(trainer), 'invalid-option', 'example', words);
    isBad = false;
    assert.is((await run(trainer)).length, 1, title);
    trainer.dispose();
  }
});

test('options that cannot be are refused by name', async () => {
  const wrong: [object, string][] = [
    [{ model: undefined }, 'give the model'],
    [{ mapper: undefined }, 'mapper.kind'],
    [{ mapper: { ...MLP, kind: 'linear' } }, "'mlp' or 'transformer'"],
    [{ mapper: { ...MLP, heads: 3 } }, 'heads'],
    [{ mapper: { ...MLP, prefix_length: 3 } }, 'vectors'],
    [{ mapper: { ...MLP, features: 0 } }, 'mapper.features'],
    [{ mapper: { kind: 'mlp' } }, 'mapper.features'],
    [{ mapper: { ...TRANSFORMER, heads: 5 } }, 'mapper.heads is 5'],
    [{ mapper: { ...MLP, vectors: 40 } }, 'mapper.vectors is 40'],
    [{ trainModel: 1 }, 'trainModel'],
    [{ trainModel: true, lora: {} }, 'trainModel or lora'],
    [{ only_prefix: true }, 'trainModel'],
    [{ data: 5 }, '{ features, text }'],
    [{ data: [], validation: 0 }, 'no examples'],
    [{ data: new Set(DATA), validation: 0, steps: undefined }, 'give steps'],
    [{ patience: 2, validation: 0 }, 'patience'],
    [{ contextLength: 41 }, 'contextLength'],
    [{ contextLength: 3 }, 'mapper.vectors'],
    [{ lora: { targets: ['query'] } }, 'targets'],
  ];
  for (const [more, words] of wrong) {
    const options = { ...OPTIONS, ...more } as PrefixTrainerOptions;
    await thrown(() => PrefixTrainer.create(options), 'invalid-option', words);
  }
  const trainer = await PrefixTrainer.create({ ...OPTIONS, mapper: { ...TRANSFORMER, vectors: 2 } });
  const source = await saved(trainer);
  trainer.dispose();
  const narrow = { ...OPTIONS, model: storiesTiny, mapper: { source, heads: 3 } };
  await thrown(() => PrefixTrainer.create(narrow), 'unsupported', 'this model has 128');
  const divided = { ...OPTIONS, mapper: { source, heads: 5 } };
  await thrown(() => PrefixTrainer.create(divided), 'invalid-option', 'heads is 5');
  const missing = { ...OPTIONS, mapper: { source: { 'model.safetensors': new Uint8Array(8) } } };
  await thrown(() => PrefixTrainer.create(missing), 'invalid-file');
});

test('a run is aborted by its signal, and ends with the step that diverges', async () => {
  const controller = new AbortController();
  const trainer = await PrefixTrainer.create({ ...OPTIONS, signal: controller.signal });
  await run(trainer, 2);
  controller.abort();
  await thrown(() => run(trainer), 'aborted');
  assert.is(trainer.step, 2);
  trainer.dispose();
  const large = DATA.map(({ ids, features }) => ({ ids, features: features.map((x) => 3e38 * x) }));
  const hot = await PrefixTrainer.create({
    ...{ ...OPTIONS, mapper: TRANSFORMER, data: large, validation: 0, dropout: 0, learningRate: 1e30 },
  });
  await thrown(() => run(hot), 'runtime', 'diverged');
  await thrown(() => hot.save(memoryTarget()), 'runtime', 'diverged');
  hot.dispose();
  const aborted = { ...OPTIONS, signal: AbortSignal.abort() };
  await thrown(() => PrefixTrainer.create(aborted), 'aborted');
});

test.run();
