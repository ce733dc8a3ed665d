// Public functions are called with values of the wrong type, one argument or option at a time: each call works or
// fails with a Gpt2Error, and a value of the user's that throws by itself may throw its own error.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  convertModel,
  deleteCachedFiles,
  estimateMemory,
  Gpt2Error,
  inspectModel,
  loadModel,
  loadTokenizer,
} from '../../src/index.js';
import * as train from '../../src/train/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { memoryTarget } from '../support/memory_target.js';
import { SMALL_CONFIG, shardedFiles } from '../support/small_model.js';
import { memorySource } from '../support/sources.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { closeWorkers, fakeWorker } from '../worker/fake_worker.js';

test.after(closeWorkers);

/** What a getter, a trap or a function of the user throws. */
class OwnError extends Error {}
const throws = () => {
  throw new OwnError('of the user');
};

const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -0, -1, 1.5, 7, 2 ** 31, 2 ** 53, 1e308, Infinity, Number.NaN, 10n],
  ...['', ' ', 'x', 'notes', '\0', '\ud800', '__proto__', Symbol('s')],
  ...[[], new Array(3), [1, 2, 3], ['a'], [null], [undefined], [Symbol('s')], [[]], [{}]],
  ...[{}, Object.create(null), { length: 2 }, { length: -1 }, { length: 1e9 }, { length: 'x' }],
  ...[() => {}, async () => {}, throws, function* () {}],
  ...[new Date(0), /x/, new Map(), new Map([[1, 2]]), new Set(['a']), new WeakMap(), new Error('x')],
  ...[new String('x'), new Number(3), new Boolean(false), Object(Symbol('s')), Object(10n)],
  ...[new Uint8Array(3), new Float64Array([0.5]), new BigInt64Array(2), new ArrayBuffer(4)],
  ...[new DataView(new ArrayBuffer(4)), new Blob(['x']), new URL('x:y'), new AbortController()],
  ...[Promise.resolve(1), new Proxy({}, {}), new Proxy([], {}), new Proxy(() => {}, {})],
  ...[{ name: 'x' }, { name: 'x', list: 1, read: 1 }, { name: 'x', list: () => 1, read: () => 1 }],
  ...[
    { source: 1, weight: 2 },
    { encode: 1, decode: 1 },
    { encode: () => 1, decode: () => 1 },
  ],
  { prompt: 1, completion: 2 },
  { [Symbol.iterator]: throws },
  { [Symbol.toPrimitive]: throws },
  { toString: throws, valueOf: throws },
  {
    get name() {
      return throws();
    },
  },
  new Proxy({}, { get: throws, ownKeys: throws, has: throws }),
];

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
const SHORT = { maxTokens: 2, seed: 1 };

type Call = (...args: never[]) => unknown;

/** Functions with arguments that work. Of each argument that is an object, each field is also replaced. */
const CALLS: Record<string, [call: Call, ...args: unknown[]]> = {
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
      [`${name}.score`, [owner.score.bind(owner), [1, 2, 3], {}]],
      [`${name}.logits`, [owner.logits.bind(owner), [1, 2, 3]]],
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
  tokenizeDocuments: [train.tokenizeDocuments, ['A cat.'], tokenizer, undefined],
  trainTokenizer: [
    train.trainTokenizer,
    ['A cat sat. A cat ran.'],
    { vocabSize: 260, minFrequency: 2, signal: undefined, onProgress: undefined },
  ],
  'Trainer.create': [
    async (options: never, target: never) => {
      const trainer = await train.Trainer.create(options);
      try {
        for await (const _ of trainer);
        await trainer.save(target);
      } finally {
        trainer.dispose();
      }
    },
    {
      ...TRAINING,
      ...{ model: undefined, adapters: undefined, epochs: undefined, accumulation: 1, layout: 'packed' },
      ...{ learningRate: 0, schedule: 'linear', warmup: 0, finalLearningRate: 0, weightDecay: 0, beta1: 0.9 },
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
  };
}

async function outcome(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    await (call as (...given: unknown[]) => unknown)(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A value by its place in VALUES: some of them throw when they are shown. */
const show = (value: unknown) => `value ${VALUES.findIndex((other) => Object.is(other, value))}`;

for (const [name, [call, ...args]] of Object.entries(CALLS)) {
  test(`${name} works or throws a Gpt2Error, whatever it is given`, async () => {
    const right = await outcome(call, args);
    assert.ok(right === undefined || right instanceof Gpt2Error, `${name}: ${(right as Error)?.stack}`);
    const wrong: string[] = [];
    const attempt = async (where: string, value: unknown, given: readonly unknown[]) => {
      const error = await outcome(call, given);
      if (error === undefined || error instanceof Gpt2Error || error instanceof OwnError) return;
      wrong.push(
        `${where} = ${show(value)}: ${String((error as Error)?.stack)
          .split('\n')
          .slice(0, 3)
          .join(' ')}`,
      );
    };
    for (const [index, argument] of args.entries()) {
      for (const value of VALUES) {
        await attempt(`argument ${index}`, value, args.with(index, value));
        if (argument === undefined || Object.getPrototypeOf(Object(argument)) !== Object.prototype) continue;
        const fields = Object.keys(argument as object);
        for (const field of [...fields, 'noSuchField']) {
          const changed = { ...(argument as object), [field]: value };
          await attempt(`argument ${index}.${field}`, value, args.with(index, changed));
        }
      }
    }
    if (wrong.length > 0) assert.unreachable(wrong.join('\n'));
  });
}
test.run();
