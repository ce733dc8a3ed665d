// Public functions are called with values of the wrong type, one argument or option at a time: each call
// works or fails with a Gpt2Error. A getter or function of the user that throws may throw its own error.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as examining from '../../../src/examine.js';
import {
  convertModel,
  deleteCachedFiles,
  estimateMemory,
  inspectModel,
  loadMapper,
  loadModel,
  loadSoftPrompt,
  loadTokenizer,
} from '../../../src/index.js';
import * as train from '../../../src/train.js';
import { createWorkerModel } from '../../../src/worker.js';
import { randomAdapter } from '../../support/adapters.js';
import { randomTensors, transformerShapes } from '../../support/mappers.js';
import { memoryTarget } from '../../support/memory_target.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { SMALL_CONFIG, shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { triesWrongTypes, type ValidCalls } from '../../support/wrong_types.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);

// Wrong values that are texts may be taken as folders to write to, so the tests run in a temporary one.
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-types-'));
process.chdir(folder);
test.after(() => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
});

const files = await shardedFiles();
const source = memorySource('model', files);
const tokenizer = await loadTokenizer(source);
const model = await loadModel(source, { build: 'simd' });
const { worker } = fakeWorker();
const remote = await createWorkerModel(
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes.slice()])),
  { worker, build: 'simd' },
);
const TRAINING = {
  ...{
    config: SMALL_CONFIG,
    tokenizer,
    data: ['A cat sat. '.repeat(9), 'A dog ran.'],
    steps: 1,
    batchSize: 1,
  },
  ...{ contextLength: 8, threads: 1, build: 'simd' },
};
const TRACE_EDIT = { hook: 'blocks.0.attn.hook_z', positions: [0], heads: [1], op: 'scale', value: 2 };
const SHAPE = { batch: 1, length: 8, recompute: false, lora: undefined };
const LORA: train.LoraShape = { rank: 2, alpha: 4, targets: ['attn.c_attn'] };
const newCore = () =>
  train.TrainCore.create({ config: SMALL_CONFIG, build: 'simd', shape: SHAPE, threads: 1 });
const core = await newCore();
/** Separate cores, because wrong numbers may leave weights or gradients with which no step works. */
const [stepCore, batchCore] = [await newCore(), await newCore()];
test.after(() => {
  for (const each of [core, stepCore, batchCore]) each.dispose();
});
const PARAMETER = core.parameters.find(({ kind }) => kind === 'rows')!;
const COLUMNS = PARAMETER.shape[1]!;
const BATCH = { batch: 1, length: 3, tokens: [1, 2, 3], targets: [2, 3, -1] };
const STEP = {
  ...{ step: 1, learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 },
  ...{ maxGradientNorm: 1, dropout: undefined, seed: 0 },
};
const DROPOUT = { embedding: 0.1, attention: 0.1, residual: 0.1 };
const DOCUMENTS = {
  tokens: Int32Array.of(1, 2, 3, 4, 5, 6),
  starts: Int32Array.of(0, 2),
  ends: Int32Array.of(2, 6),
  learned: Int32Array.of(0, 3),
  places: { files: ['a.txt'], file: Int32Array.of(0, 0), line: Int32Array.of(1, 3) },
};
const ROWS = { layout: 'packed', rows: 2, length: 4, endOfText: 0, curriculum: 'length' };
const CURVE = { training: [{ step: 1, loss: 3 }], validation: [{ step: 2, loss: 2 }] };
const ADAPTER = randomAdapter(SMALL_CONFIG, 1, 2, ['attn.c_attn']);
const [PAIR] = ADAPTER.pairs.values();
const { config: _, ...COMMON } = TRAINING;
const FINETUNING = { ...COMMON, model: source } as unknown as train.TrainerOptions;
const SHORT = { maxTokens: 2, seed: 1 };
const MAPPER_SIZES = { features: 3, channels: 4, made: 1, vectors: 2, layers: 1 };
const mapperFiles = memorySource('mapper', {
  'model.safetensors': safetensorsOf(randomTensors(transformerShapes(MAPPER_SIZES), 1)),
});
const mapper = await loadMapper(mapperFiles, { heads: 2 });
const EXAMINATION = await examining.examine(model, 'A cat.', { top: 1 });
const POSITIONS = await examining.byPosition(model, 'A cat sat.');

const CALLS: ValidCalls = {
  loadModel: [
    async (from: never, options: never) => (await loadModel(from, options)).dispose(),
    source,
    {
      ...{ build: 'simd', weights: 'f32', contextLength: 8, threads: 1, module: undefined, tokenizer },
      ...{ adapters: [], revision: undefined, token: undefined, cache: true, signal: undefined },
      ...{ onDownload: undefined, onProgress: undefined },
    },
  ],
  loadTokenizer: [
    loadTokenizer,
    source,
    { revision: undefined, token: undefined, cache: true, signal: undefined },
  ],
  loadSoftPrompt: [
    loadSoftPrompt,
    new URL('../../fixtures/peft/prompt', import.meta.url),
    { model: { config: { channels: 32 } }, cache: true, signal: undefined },
  ],
  loadMapper: [
    async (from: never, options: never) => (await loadMapper(from, options)).dispose(),
    mapperFiles,
    {
      heads: 2,
      build: 'simd',
      threads: 1,
      model: { config: { channels: 4 } },
      cache: true,
      signal: undefined,
    },
  ],
  'mapper.map': [mapper.map.bind(mapper), new Float32Array(3), { signal: undefined }],
  inspectModel: [inspectModel, source, { weights: 'f32', contextLength: 8, cache: true, signal: undefined }],
  convertModel: [
    async (from: never, options: never, bytes: never) => {
      for await (const _ of (await convertModel(from, options)).bytes(bytes));
    },
    source,
    { weights: 'f16', name: 'x', adapters: [], cache: true, signal: undefined, onDownload: undefined },
    { signal: undefined, onProgress: undefined },
  ],
  estimateMemory: [estimateMemory, SMALL_CONFIG, 'f32'],
  hooksOf: [examining.hooksOf, SMALL_CONFIG],
  deleteCachedFiles: [deleteCachedFiles, ''],
  createWorkerModel: [
    async (from: never, options: never) => {
      const own = fakeWorker().worker;
      const given =
        options && typeof options === 'object' ? { worker: own, ...(options as object) } : options;
      (await createWorkerModel(from, given)).dispose();
    },
    storiesTiny,
    { build: 'simd', threads: 1, adapters: undefined, signal: undefined, onProgress: undefined },
  ],
  ...Object.fromEntries(
    Object.entries({ model, remote }).flatMap(([name, owner]) => [
      [`${name}.generate`, [owner.generate.bind(owner), 'Once', generateOptions()]],
      [
        `${name}.stream`,
        [
          async (prompt: never, options: never) => {
            for await (const _ of owner.stream(prompt, options));
          },
          'Once',
          generateOptions(),
        ],
      ],
      [`${name}.score`, [owner.score.bind(owner), [1, 2, 3], { start: true, stride: 4, signal: undefined }]],
      [
        `${name}.generate after vectors`,
        [
          (prompt: never) => owner.generate(prompt, SHORT),
          { embeddings: new Float32Array(SMALL_CONFIG.channels), text: 'Once', positions: 1 },
        ],
      ],
      [`${name}.score of texts`, [(text: never) => owner.score(['A cat', text]), 'A dog']],
      [
        `${name}.session.append`,
        [
          async (text: never, options: never) => {
            const session = owner.session();
            await session.append(text, options);
            session.dispose();
          },
          'Once',
          { allowedSpecial: 'none' },
        ],
      ],
      [
        `examine of ${name}`,
        [
          (text: never, options: never) => examining.examine(owner, text, options),
          [1, 2, 3],
          { start: true, stride: 4, top: 2, signal: undefined, onProgress: undefined },
        ],
      ],
      [
        `${name}.trace`,
        [
          owner.trace.bind(owner),
          [1, 2, 3],
          { read: ['hook_embed'], positions: [1], logits: [2], edit: [TRACE_EDIT] },
        ],
      ],
      [`${name}.logits`, [owner.logits.bind(owner), [1, 2, 3], { inputs: { positions: 2 } }]],
      [
        `${name}.embed`,
        [owner.embed.bind(owner), [1, 2, 3], { pooling: 'last', inputs: { positions: [3, 2, 1] } }],
      ],
      [
        `${name}.choose`,
        [owner.choose.bind(owner), [1, 2], [[3, 4], [5]], { by: 'bytes', signal: undefined }],
      ],
      [`${name}.withAdapters`, [owner.withAdapters.bind(owner), [], { cache: true, signal: undefined }]],
      [
        `${name}.tokenizer.encode`,
        [owner.tokenizer.encode.bind(owner.tokenizer), 'x', { allowedSpecial: 'all' }],
      ],
      [`${name}.tokenizer.decode`, [owner.tokenizer.decode.bind(owner.tokenizer), [1, 2]]],
      [
        `${name}.session`,
        [
          async (prompt: never, options: never, length: never) => {
            const session = owner.session();
            await session.generate(prompt, options);
            await session.rewind(length);
            session.fork().dispose();
            session.dispose();
          },
          'Once',
          { ...SHORT },
          1,
        ],
      ],
    ]),
  ),
  'tokenizer.tokenToId': [tokenizer.tokenToId.bind(tokenizer), 'x'],
  'tokenizer.tokenBytes': [tokenizer.tokenBytes.bind(tokenizer), 3],
  'tokenizer.streamDecoder': [
    (id: never) => {
      const decoder = tokenizer.streamDecoder();
      return `${decoder.push(id)}${decoder.end()}`;
    },
    3,
  ],
  readDocuments: [
    async (from: never, options: never) => {
      for await (const _ of train.readDocuments(from, options));
    },
    [],
    { signal: undefined, onProgress: undefined },
  ],
  'readDocuments of a file': [
    async (file: never) => {
      for await (const _ of train.readDocuments([file]));
    },
    { name: 'a.txt', format: 'text', byteLength: 3, read: async function* () {} },
  ],
  'readDocuments of chunks': [
    async (chunk: never) => {
      const read = async function* () {
        yield chunk;
      };
      for await (const _ of train.readDocuments([{ name: 'a', format: 'text', byteLength: 3, read }]));
    },
    new Uint8Array(3),
  ],
  dataFiles: [train.dataFiles, [], {}],
  blobDataFile: [
    async (file: never) => {
      for await (const _ of train.blobDataFile(file).read());
    },
    new File(['x'], 'x.txt'),
  ],
  tokenizeDocuments: [train.tokenizeDocuments, [{ text: 'A cat.', last: true }], tokenizer, undefined],
  trainTokenizer: [
    train.trainTokenizer,
    ['A cat sat. A cat ran.'],
    { vocabSize: 260, minFrequency: 2, signal: undefined, onProgress: undefined },
  ],
  estimateTrainingMemory: [train.estimateTrainingMemory, SMALL_CONFIG, SHAPE, 1],
  'estimateTrainingMemory of an adapter': [
    (lora: never) => train.estimateTrainingMemory(SMALL_CONFIG, { ...SHAPE, lora }),
    LORA,
  ],
  'TrainCore.create': [
    async (settings: never) => (await train.TrainCore.create(settings)).dispose(),
    { config: SMALL_CONFIG, build: 'simd', shape: SHAPE, threads: 1 },
  ],
  'TrainCore.create of a config': [
    async (config: never, shape: never) => {
      (await train.TrainCore.create({ config, shape, build: 'simd', threads: 1 })).dispose();
    },
    SMALL_CONFIG,
    SHAPE,
  ],
  'core.evaluate': [core.evaluate.bind(core), BATCH],
  'core.accumulate': [core.accumulate.bind(core), BATCH, { scale: 1, seed: 0, pass: 0, dropout: undefined }],
  'core.accumulate with dropout': [
    (dropout: never) => core.accumulate(BATCH, { scale: 1, dropout }),
    DROPOUT,
  ],
  'core.update': [
    core.update.bind(core),
    {
      ...{ learningRate: 1e-3, step: 1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 },
      gradientScale: 1,
    },
  ],
  'core.loader': [core.loader.bind(core), 'weights'],
  'core.loader.pack': [core.loader('gradients').pack, PARAMETER, 0, 1, new Uint8Array(4 * COLUMNS), 'F32'],
  'core.read': [core.read.bind(core), 'weights', PARAMETER, 0, 1],
  'core.write': [core.write.bind(core), 'weights', PARAMETER, new Float32Array(COLUMNS), 0],
  trainStep: [train.trainStep, stepCore, [BATCH], STEP],
  'trainStep of a batch': [(batch: never) => train.trainStep(batchCore, [batch], STEP as never), BATCH],
  countTargets: [train.countTargets, BATCH],
  TrainingBatches: [
    (documents: never, shape: never, seed: never, position: never) => {
      const batches = new train.TrainingBatches(documents, shape, seed, position);
      for (let i = 0; i < 3; i++) batches.next();
    },
    DOCUMENTS,
    ROWS,
    0,
    { epoch: 0, row: 0 },
  ],
  validationBatches: [
    (documents: never, shape: never) => {
      for (const _ of train.validationBatches(documents, shape));
    },
    DOCUMENTS,
    ROWS,
  ],
  splitDocuments: [train.splitDocuments, DOCUMENTS, 0.5, 0],
  deduplicateDocuments: [train.deduplicateDocuments, DOCUMENTS, { threshold: 0.7, shingle: 2 }],
  findLeaks: [train.findLeaks, DOCUMENTS, DOCUMENTS],
  learningRateSchedule: [
    (options: never, step: never) => train.learningRateSchedule(options)(step),
    { peak: 1e-3, steps: 9, warmup: 2, decay: 'linear', final: 0 },
    1,
  ],
  'examine of a model': [(given: never) => examining.examine(given, [1, 2]), model],
  csvReport: [examining.csvReport, EXAMINATION, { rows: 'words' }],
  htmlReport: [examining.htmlReport, EXAMINATION, { model: 'x', title: 'x', byPosition: POSITIONS }],
  'htmlReport of several': [
    (named: never) => examining.htmlReport([named]),
    { name: 'a', examination: EXAMINATION },
  ],
  'reports of parts': [
    (token: never, word: never, bins: never, bucket: never) => {
      const examination = { ...EXAMINATION, tokens: [token], words: [word], bins };
      examining.csvReport(examination);
      return examining.htmlReport(examination, { byPosition: { ...POSITIONS, buckets: [bucket] } });
    },
    ...[EXAMINATION.tokens[1], EXAMINATION.words[0], EXAMINATION.bins, POSITIONS.buckets[0]],
  ],
  lossCurveText: [train.lossCurveText, CURVE, { columns: 60, rows: 3, colors: false }],
  lossCurveSvg: [train.lossCurveSvg, CURVE, 'Loss', 'loss'],
  'lossCurveText and lossCurveSvg of points': [
    (first: never, second: never) => {
      const curve = { training: [first, second], validation: [second] };
      train.lossCurveText(curve, { columns: 60, colors: true });
      return train.lossCurveSvg(curve);
    },
    { step: 1, loss: 3 },
    { step: 2, loss: 2 },
  ],
  writeCheckpoint: [
    train.writeCheckpoint,
    memoryTarget(),
    { config: SMALL_CONFIG, weight: zeros, tokenizer, kept: undefined },
    1e9,
  ],
  'writeCheckpoint of a config': [
    (config: never, kept: never) => train.writeCheckpoint(memoryTarget(), { config, weight: zeros, kept }),
    SMALL_CONFIG,
    { config: {}, generation: {} },
  ],
  'writeCheckpoint of chunks': [
    (chunk: never) =>
      train.writeCheckpoint(memoryTarget(), {
        config: SMALL_CONFIG,
        weight: (parameter) => [...zeros(parameter), chunk],
      }),
    new Float32Array(0),
  ],
  writeAdapter: [train.writeAdapter, memoryTarget(), ADAPTER, 'base'],
  'writeAdapter of a pair': [
    (pair: never) => train.writeAdapter(memoryTarget(), { ...ADAPTER, pairs: new Map([['x', pair]]) }, null),
    PAIR,
  ],
  'Trainer.create of an adapter': [
    async (lora: never) => (await train.Trainer.create({ ...FINETUNING, lora })).dispose(),
    { rank: 2, alpha: 4, targets: ['c_attn'] },
  ],
  'Trainer.create with a store': [
    async (checkpoints: never) => {
      const trainer = await train.Trainer.create({ ...FINETUNING, checkpoints, resume: true });
      try {
        await trainer.checkpoint();
        await trainer.forget();
      } finally {
        trainer.dispose();
      }
    },
    { latest: async () => undefined, target: () => memoryTarget(), prune: async () => {} },
  ],
  'Trainer.create': [
    async (options: never, target: never) => {
      const trainer = await train.Trainer.create(options);
      try {
        // Only one step, because a wrong value for `steps` may be a large number.
        await trainer[Symbol.asyncIterator]().next();
        await trainer.save(target);
      } finally {
        trainer.dispose();
      }
    },
    {
      ...TRAINING,
      ...{ model: undefined, adapters: undefined, epochs: undefined, accumulation: 1, layout: 'packed' },
      ...{
        learningRate: 1e-3,
        schedule: 'linear',
        optimizer: 'adamw',
        warmup: 0,
        finalLearningRate: 0,
        weightDecay: 0,
        beta1: 0.9,
      },
      ...{
        beta2: 0.9,
        epsilon: 1e-8,
        maxGradientNorm: 1,
        dropout: 0,
        seed: 0,
        validation: 0,
        evaluateEvery: 1,
      },
      ...{ patience: undefined, checkpoints: undefined, checkpointEvery: 1, resume: false, recompute: false },
      ...{ lora: undefined, revision: undefined, token: undefined, cache: true, signal: undefined },
    },
    memoryTarget(),
  ],
};

function* zeros({ shape }: { shape: readonly number[] }) {
  yield new Float32Array(shape.reduce((product, size) => product * size));
}

function generateOptions() {
  return {
    ...SHORT,
    ...{
      temperature: 1,
      topK: 5,
      topP: 0.9,
      minP: 0,
      typicalP: 1,
      n: 1,
      stop: 'x',
      logprobs: 1,
      logitBias: {},
    },
    ...{ repetitionPenalty: 1, presencePenalty: 0, frequencyPenalty: 0, noRepeatNgram: 0, bannedTokens: [] },
    ...{ ignoreEos: true, contextFull: 'stop', allowedSpecial: 'none', signal: undefined },
    ...{ guidance: 2, negativePrompt: 'A', experts: [] },
  };
}

triesWrongTypes(test, CALLS);
test.run();
