// Arguments of the right type that do not fit: each is refused before anything is read, written or allocated.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  countTargets,
  estimateTrainingMemory,
  learningRateSchedule,
  splitDocuments,
  TrainCore,
  TrainingBatches,
  trainStep,
  validationBatches,
  writeAdapter,
  writeCheckpoint,
} from '../../src/train.js';
import { randomAdapter } from '../support/adapters.js';
import { memoryTarget } from '../support/memory_target.js';
import { SMALL_CONFIG as config } from '../support/small_model.js';
import { thrown } from '../support/thrown.js';

const shape = { batch: 2, length: 8 };
const core = await TrainCore.create({ config, build: 'simd', shape, threads: 1 });
test.after(() => core.dispose());

const matrix = core.parameters.find(({ kind }) => kind === 'conv1d')!;
const [rows, columns] = matrix.shape as [number, number];
const documents = {
  tokens: Int32Array.of(1, 2, 3, 4, 5, 6),
  starts: Int32Array.of(0, 2),
  ends: Int32Array.of(2, 6),
  learned: Int32Array.of(0, 3),
};
const batches = { layout: 'packed', rows: 2, length: 4, endOfText: 0 } as const;
const batch = { batch: 1, length: 2, tokens: [1, 2], targets: [2, 3] };

const refused = (call: () => unknown, ...words: RegExp[]) => thrown(call, 'invalid-option', ...words);

test('rows outside of a weight are neither read nor written', async () => {
  const everything = () => core.parameters.map((parameter) => core.read('weights', parameter));
  const before = everything();
  const one = new Float32Array(columns).fill(1);
  const bytes = new Uint8Array(one.buffer);
  for (const parameter of [
    { ...matrix, shape: [rows + 1, columns] },
    { ...matrix, shape: [rows, columns + 1] },
    { ...matrix, shape: [rows] },
    { ...matrix, kind: 'linear' as const },
    { ...matrix, name: 'h.99.mlp.c_fc.weight' },
  ]) {
    const words = /parameter is .*one of parameters or frozen/;
    await refused(() => core.read('weights', parameter), words);
    await refused(() => core.write('weights', parameter, one), words);
    await refused(() => core.loader('weights').pack(parameter, 0, 1, bytes, 'F32'), words);
  }
  await refused(() => core.read('weights', matrix, rows + 1), /firstRow is/);
  await refused(() => core.read('weights', matrix, 1, rows), /rowCount is/);
  await refused(() => core.write('weights', matrix, one, rows), /values has .* at most 0 numbers/);
  await refused(() => core.write('weights', matrix, new Float32Array((rows + 1) * columns)), /values has/);
  await refused(() => core.write('weights', matrix, one.subarray(1)), /whole rows of/);
  const { pack } = core.loader('weights');
  await refused(() => pack(matrix, rows, 1, bytes, 'F32'), /rowCount is/);
  await refused(() => pack(matrix, 0, 2, bytes, 'F32'), /bytes; the rows have/);
  await refused(() => pack(matrix, 0, 1, bytes, 'F16'), /bytes; the rows have/);
  await refused(() => pack(matrix, 0, 1, bytes, 'Q8_0'), /type is "Q8_0"; it must be 'F32'/);
  await refused(() => core.loader('biases' as never), /part is "biases"; it must be one of weights/);
  assert.equal(everything(), before);
  core.write('weights', matrix, one, rows - 1);
  assert.equal(core.read('weights', matrix, rows - 1), one);
});

test('invalid shapes, configs and thread counts are refused', async () => {
  const lora = { rank: 2, alpha: 4, targets: ['attn.c_attn'] as const };
  for (const [wrong, words] of [
    [{ ...shape, batch: 2 ** 53 }, /batch is/],
    [{ ...shape, length: config.contextLength + 1 }, /length is .* context, 40/],
    [{ ...shape, recompute: 'no' }, /recompute is "no"/],
    [{ ...shape, size: 1 }, /size is not an option/],
    [{ ...shape, lora: { ...lora, rank: 0 } }, /rank is 0/],
    [{ ...shape, lora: { ...lora, alpha: Number.NaN } }, /alpha is NaN/],
    [{ ...shape, lora: { ...lora, targets: ['c_attn'] } }, /targets\[0\] is "c_attn"/],
    [{ ...shape, lora: { ...lora, targets: [] } }, /targets is an array/],
  ] as const) {
    await refused(() => estimateTrainingMemory(config, wrong as never), words);
    await refused(() => TrainCore.create({ config, build: 'simd', shape: wrong as never }), words);
  }
  for (const [wrong, words] of [
    [{ activation: 'gelu' }, /config.activation is "gelu"; it must be one of gelu-tanh/],
    [{ tiedHead: 1 }, /config.tiedHead is 1/],
    [{ eosTokenIds: [config.vocabSize] }, /config.eosTokenIds\[0\]/],
    [{ bosTokenId: -1 }, /config.bosTokenId is -1/],
    [{ layers: 1e9 }, /config.layers is 1000000000/],
  ] as const) {
    const changed = { ...config, ...wrong } as never;
    const target = memoryTarget();
    await refused(() => estimateTrainingMemory(changed, shape), words);
    await refused(() => writeCheckpoint(target, { config: changed, weight: () => [] }), words);
    assert.equal(target.files, {});
  }
  await refused(() => estimateTrainingMemory(config, shape, 1e9), /threads is 1000000000/);
});

test('batches without a size, without rows or with too many tokens are refused', async () => {
  for (const [wrong, words] of [
    [{ rows: 2 ** 31 }, /rows is/],
    [{ rows: 2 ** 13, length: 2 ** 12 }, /length is 4096; .* rows times length at most 16777216/],
    [{ length: 0 }, /length is 0/],
    [{ layout: 'rows' }, /layout is "rows"/],
    [{ endOfText: -1 }, /endOfText is -1/],
  ] as const) {
    const changed = { ...batches, ...wrong } as never;
    await refused(() => new TrainingBatches(documents, changed, 0), words);
    await refused(() => validationBatches(documents, changed).next(), words);
  }
  for (const [wrong, words] of [
    [{ ends: Int32Array.of(2, 7) }, /document 1 is tokens 2 to 7, with a loss from 3 on; .* 6 tokens/],
    [{ learned: Int32Array.of(3, 3) }, /document 0/],
    [{ starts: Int32Array.of(0) }, /have 1, 2 and 2 numbers/],
    [{ tokens: [1, 2, 3, 4, 5, 6] }, /documents.tokens is an array; it must be an Int32Array/],
  ] as const) {
    const changed = { ...documents, ...wrong } as never;
    await refused(() => splitDocuments(changed, 0.5, 0), words);
    await refused(() => new TrainingBatches(changed, batches, 0), words);
    await refused(() => validationBatches(changed, batches).next(), words);
  }
  const none = { tokens: new Int32Array(0), starts: new Int32Array(0) };
  await refused(() => splitDocuments({ ...none, ends: none.starts, learned: none.starts }, 0, 0));
  await refused(() => splitDocuments(documents, 1.5, 0), /share is 1.5/);
  await refused(() => new TrainingBatches(documents, batches, -1), /seed is -1/);
  await refused(() => new TrainingBatches(documents, batches, 0, { epoch: 2 ** 31, row: 0 }), /epoch is/);
});

test('a step with invalid arguments is refused', async () => {
  const step = { step: 1, learningRate: 1e-3 };
  const targets = { length: 2 ** 53 - 1 };
  await refused(() => countTargets({ ...batch, targets }), /targets has 9007199254740991 token ids; at most/);
  await refused(() => trainStep(core, [{ ...batch, targets }], step), /targets has/);
  await refused(() => trainStep(core, new Array(4097).fill(batch), step), /at most 4096 batches/);
  await refused(() => trainStep(core, [batch], { ...step, step: 1.5 }), /step 1.5/);
  await refused(() => trainStep(core, [batch], { ...step, maxGradientNorm: 0 }), /maxGradientNorm is 0/);
  await refused(() => core.accumulate(batch, { scale: 1, seed: 2 ** 32 }), /seed is 4294967296/);
  await refused(() => core.accumulate(batch, { scale: 1, rate: 1 } as never), /rate is not an option/);
  const rate = learningRateSchedule({ peak: 1, steps: 3 });
  await refused(() => rate(0), /step is 0; it must be a whole number from 1/);
  await refused(() => learningRateSchedule({ peak: 1, steps: 3, decay: 'toString' as never }), /decay is/);
});

test('an adapter whose matrices do not fit is not written', async () => {
  const adapter = randomAdapter(config, 1, 2, ['attn.c_attn']);
  const [[name, pair]] = adapter.pairs as unknown as [[string, never]];
  const target = memoryTarget();
  const pairs = new Map([[name, { ...(pair as object), a: new Float32Array(3) }]]) as never;
  await refused(() => writeAdapter(target, { ...adapter, pairs }, null), /a of h\.0.* has 3 numbers/);
  await refused(() => writeAdapter(target, { ...adapter, rank: 3 }, null), /a Float32Array of/);
  await refused(() => writeAdapter({} as never, adapter, null), /target is an object; .*write, remove/);
  assert.equal(target.files, {});
});

test.run();
