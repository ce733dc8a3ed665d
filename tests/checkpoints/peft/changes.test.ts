import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type ModelSource } from '../../../src/index.js';
import { assertLogits } from '../../support/logits.js';
import { randomSource } from '../../support/random.js';
import { type GivenTensor, safetensorsOf } from '../../support/safetensors_of.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';

/** GPT-2 of 3 layers, width 32, 64 positions and 97 tokens. */
const BASE = fileURLToPath(new URL('../../fixtures/peft/base', import.meta.url));
const OPTIONS = { build: 'simd', threads: 1 } as const;
const IDS = [57, 75, 91, 71, 45, 5, 9, 40, 16];
const [V, T, C] = [97, 64, 32];
const ATTN = 'transformer.h.1.attn.c_attn';

/** A matrix of rows x columns. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

const random = randomSource(18);
const draw = (rows: number, columns: number, size = 0.3): Matrix => ({
  ...{ rows, columns },
  values: Float32Array.from({ length: rows * columns }, () => size * (2 * random.uniform() - 1)),
});
const at = ({ values, columns }: Matrix, row: number, column: number) => values[row * columns + column]!;
const matrix = (rows: number, columns: number, number: (row: number, column: number) => number): Matrix => ({
  ...{ rows, columns },
  values: Float32Array.from({ length: rows * columns }, (_, i) =>
    number(Math.floor(i / columns), i % columns),
  ),
});
const product = (a: Matrix, b: Matrix) =>
  matrix(a.rows, b.columns, (row, column) => {
    let sum = 0;
    for (let i = 0; i < a.columns; i++) sum += at(a, row, i) * at(b, i, column);
    return sum;
  });
const sum = (a: Matrix, b: Matrix, factor = 1) =>
  matrix(a.rows, a.columns, (row, column) => at(a, row, column) + factor * at(b, row, column));
const transposed = (a: Matrix) => matrix(a.columns, a.rows, (row, column) => at(a, column, row));
const tensor = ({ rows, columns, values }: Matrix): GivenTensor => ({ shape: [rows, columns], values });
const vector = ({ values }: Matrix): GivenTensor => ({ shape: [values.length], values });

/** The model's own weights, by their names. */
function baseWeights(): Map<string, GivenTensor> {
  const bytes = readFileSync(`${BASE}/model.safetensors`);
  const length = Number(bytes.readBigUInt64LE());
  const { __metadata__, ...header } = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const read = ([start, end]: [number, number]) =>
    new Float32Array(new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end)).buffer);
  return new Map(
    Object.entries<{ shape: number[]; data_offsets: [number, number] }>(header).map(
      ([name, { shape, data_offsets }]) => [name, { shape, values: read(data_offsets) }],
    ),
  );
}
const weights = baseWeights();
const weight = (name: string): Matrix => {
  const { shape, values } = weights.get(name)!;
  return { rows: shape.length > 1 ? shape[0]! : 1, columns: shape.at(-1)!, values };
};

const LORA = { peft_type: 'LORA', r: 2, lora_alpha: 3 };

const adapter = (fields: object, tensors: Record<string, GivenTensor>): ModelSource =>
  memorySource('an adapter', {
    'adapter_config.json': JSON.stringify({ ...LORA, ...fields }),
    'adapter_model.safetensors': safetensorsOf(tensors),
  });

const logitsOf = async (source: ModelSource | string, adapters?: Parameters<typeof merged>[0]) => {
  const model = await loadModel(source, { ...OPTIONS, ...(adapters && { adapters }) });
  const logits = await model.logits(IDS);
  model.dispose();
  return logits;
};
const merged = (adapters: NonNullable<Parameters<typeof loadModel>[1]>['adapters'] & object) =>
  logitsOf(BASE, adapters);

/** Logits of the model with other weights, and with a head of its own if there is one among them. */
async function withWeights(changed: Record<string, Matrix>): Promise<Float32Array> {
  const all = Object.fromEntries(weights);
  for (const [name, { rows, columns, values }] of Object.entries(changed)) {
    all[name] = { shape: rows === 1 ? [columns] : [rows, columns], values };
  }
  const config = JSON.parse(readFileSync(`${BASE}/config.json`, 'utf8'));
  config.tie_word_embeddings = !('lm_head.weight' in changed);
  return logitsOf(
    memorySource('changed', {
      'config.json': JSON.stringify(config),
      'model.safetensors': safetensorsOf(all),
    }),
  );
}

const WTE = weight('transformer.wte.weight');
const [A, B] = [draw(2, C), draw(3 * C, 2)];
const plain = {
  [`base_model.model.${ATTN}.lora_A.weight`]: tensor(A),
  [`base_model.model.${ATTN}.lora_B.weight`]: tensor(B),
};
const plainWeight = sum(weight(`${ATTN}.weight`), transposed(product(B, A)), 1.5);

test('names may lack the prefix, or have the adapter in them', async () => {
  const want = await withWeights({ [`${ATTN}.weight`]: plainWeight });
  const name = ATTN.replace('transformer.', '');
  for (const names of [
    Object.keys(plain),
    [`${ATTN}.lora_A.weight`, `${ATTN}.lora_B.weight`],
    [`base_model.model.${ATTN}.lora_A.default.weight`, `base_model.model.${ATTN}.lora_B.default.weight`],
    [`base_model.model.${name}.lora_A.weight`, `base_model.model.${name}.lora_B.weight`],
    [`_orig_mod.base_model.model.${ATTN}.lora_A.poet.weight`, `base_model.model.${ATTN}.lora_B.poet.weight`],
  ]) {
    assertLogits(await merged([adapter({}, { [names[0]!]: tensor(A), [names[1]!]: tensor(B) })]), want);
  }
  const two = { [`${ATTN}.lora_A.poet.weight`]: tensor(A), [`${ATTN}.lora_B.other.weight`]: tensor(B) };
  await thrown(() => merged([adapter({}, two)]), 'unsupported', 'the adapters "poet" and "other"');
});

/** Rows of a matrix with the lengths of `lengths`. */
const withLengths = (a: Matrix, lengths: Matrix) =>
  matrix(a.rows, a.columns, (row, column) => {
    let square = 0;
    for (let i = 0; i < a.columns; i++) square += at(a, row, i) ** 2;
    return (at(a, row, column) * lengths.values[row]!) / Math.sqrt(square);
  });

test('DoRA gives the columns of embeddings and the rows of a head their lengths', async () => {
  const [tokens, channels, lengths] = [draw(2, V), draw(C, 2), draw(1, C, 2)];
  const changed = sum(WTE, transposed(product(channels, tokens)), 1.5);
  const embedding = transposed(withLengths(transposed(changed), lengths));
  const embedded = adapter(
    { use_dora: true },
    {
      'base_model.model.transformer.wte.lora_embedding_A': tensor(tokens),
      'base_model.model.transformer.wte.lora_embedding_B': tensor(channels),
      'base_model.model.transformer.wte.lora_magnitude_vector': vector(lengths),
    },
  );
  const want = await withWeights({ 'transformer.wte.weight': embedding, 'lm_head.weight': WTE });
  assertLogits(await merged([embedded]), want);

  const [a, b, sizes] = [draw(2, C), draw(V, 2), draw(1, V, 2)];
  const head = adapter(
    { use_dora: true },
    {
      'base_model.model.lm_head.lora_A.weight': tensor(a),
      'base_model.model.lm_head.lora_B.weight': tensor(b),
      'base_model.model.lm_head.lora_magnitude_vector.default.weight': vector(sizes),
    },
  );
  const own = withLengths(sum(WTE, product(b, a), 1.5), sizes);
  assertLogits(await merged([head]), await withWeights({ 'lm_head.weight': own }));
  await thrown(
    () => merged([{ source: head, weight: 0.5 }]),
    'invalid-option',
    'lm_head.weight by DoRA, which has no multiple; its weight must be 1, not 0.5',
  );
  await thrown(() => merged([head, head]), 'invalid-option', 'their sum is not defined');
});

test('a factor multiplies sums of every kind, and adapters add up', async () => {
  const bias = draw(1, 3 * C);
  const biased = adapter(
    { lora_bias: true },
    { ...plain, [`base_model.model.${ATTN}.lora_B.bias`]: vector(bias) },
  );
  const [w1, w2a, w2b] = [draw(1, 2), draw(V, 2), draw(2, C / 2)];
  const kronecker = adapter(
    { peft_type: 'LOKR', alpha: 5 },
    {
      'base_model.model.lm_head.lokr_w1': tensor(w1),
      'base_model.model.lm_head.lokr_w2_a': tensor(w2a),
      'base_model.model.lm_head.lokr_w2_b': tensor(w2b),
    },
  );
  const w2 = product(w2a, w2b);
  const blocks = matrix(V, C, (row, column) => at(w1, 0, Math.floor(column / 16)) * at(w2, row, column % 16));
  const want = await withWeights({
    [`${ATTN}.weight`]: sum(weight(`${ATTN}.weight`), transposed(product(B, A)), 0.5 * 1.5),
    [`${ATTN}.bias`]: sum(weight(`${ATTN}.bias`), bias, 0.5 * 1.5),
    'lm_head.weight': sum(WTE, blocks, -2 * 2.5),
  });
  const got = await merged([
    { source: biased, weight: 0.5 },
    { source: kronecker, weight: -2 },
  ]);
  assertLogits(got, want);
});

test('LoKr has two whole factors, or low-rank ones, in any layout of a matrix', async () => {
  const name = 'base_model.model.transformer.h.0.mlp.c_fc';
  const [a, b, c] = [draw(4, 2), draw(2, 8), draw(8, 16)];
  const w1 = product(a, b);
  const change = matrix(
    32,
    128,
    (row, column) => at(w1, Math.floor(row / 8), Math.floor(column / 16)) * at(c, row % 8, column % 16),
  );
  const fc = 'transformer.h.0.mlp.c_fc.weight';
  const want = await withWeights({ [fc]: sum(weight(fc), change, 2) });
  const fields = { peft_type: 'LOKR', alpha: 1, alpha_pattern: { 'mlp.c_fc': 4 } };
  const tensors = {
    [`${name}.lokr_w1_a`]: tensor(a),
    [`${name}.lokr_w1_b`]: tensor(b),
    [`${name}.lokr_w2`]: tensor(c),
  };
  assertLogits(await merged([adapter(fields, tensors)]), want);
  await thrown(
    () => merged([adapter(fields, { ...tensors, [`${name}.lokr_w2`]: tensor(draw(8, 8)) })]),
    'invalid-file',
    'Kronecker product',
  );
});

test('AdaLoRA has fewer rows where its budget ended, and is also computed beside the weights', async () => {
  const [a, b, e] = [draw(2, C), draw(3 * C, 2), draw(2, 1)];
  const scaled = matrix(2, C, (row, column) => at(a, row, column) * e.values[row]!);
  const changed = sum(weight(`${ATTN}.weight`), transposed(product(b, scaled)), 8 / (6 + 1e-5));
  const source = adapter(
    {
      peft_type: 'ADALORA',
      init_r: 6,
      lora_alpha: 8,
      rank_pattern: { [`${ATTN}.lora_E`]: [true, true, false] },
    },
    {
      [`base_model.model.${ATTN}.lora_A`]: tensor(a),
      [`base_model.model.${ATTN}.lora_B`]: tensor(b),
      [`base_model.model.${ATTN}.lora_E`]: tensor(e),
    },
  );
  const want = await withWeights({ [`${ATTN}.weight`]: changed });
  assertLogits(await merged([source]), want);
  const model = await loadModel(BASE, OPTIONS);
  const beside = await model.withAdapters([source]);
  assertLogits(await beside.logits(IDS), want);
  model.dispose();
});

test('a head that is tied stays so if adapters say it, and with trained tokens', async () => {
  const rows = draw(2, C);
  const tokens = matrix(V, C, (row, column) =>
    row === 9 || row === 40 ? at(rows, row === 9 ? 0 : 1, column) : at(WTE, row, column),
  );
  const delta = { 'base_model.model.transformer.wte.token_adapter.trainable_tokens_delta': tensor(rows) };
  const want = await withWeights({ 'transformer.wte.weight': tokens });
  for (const trainable_token_indices of [[9, 40], { wte: [9, 40] }]) {
    assertLogits(await merged([adapter({ trainable_token_indices }, delta)]), want);
  }
  const alone = { 'base_model.model.transformer.wte.trainable_tokens_delta': tensor(rows) };
  const fields = { peft_type: 'TRAINABLE_TOKENS', token_indices: [9, 40] };
  assertLogits(await merged([adapter(fields, alone)]), want);
  for (const trainable_token_indices of [[9], [9, V], [9, -1], null, { wte: 9 }]) {
    await thrown(() => merged([adapter({ trainable_token_indices }, delta)]), 'invalid-file');
  }
  const saved = draw(V, C);
  const whole = adapter(
    { modules_to_save: ['wte'], ensure_weight_tying: true },
    { 'base_model.model.transformer.wte.weight': tensor(saved) },
  );
  assertLogits(await merged([whole]), await withWeights({ 'transformer.wte.weight': saved }));
});

test('LN tuning and other saved modules replace weights', async () => {
  const gain = draw(1, C);
  const name = 'transformer.h.2.ln_1.weight';
  const want = await withWeights({ [name]: gain });
  const tuned = { [`base_model.model.${name.replace('weight', 'ln_tuning_layers.weight')}`]: vector(gain) };
  assertLogits(await merged([adapter({ peft_type: 'LN_TUNING' }, tuned)]), want);
  for (const wrapped of ['ln_1.modules_to_save.default.weight', 'ln_1.weight']) {
    const tensors = {
      [`base_model.model.transformer.h.2.${wrapped}`]: vector(gain),
      // A constant of attention in older files.
      'base_model.model.transformer.h.2.attn.bias': tensor(draw(T, T)),
    };
    assertLogits(await merged([adapter({ modules_to_save: ['ln_1'] }, tensors)]), want);
  }
});

test('positions beyond a shorter context are left out', async () => {
  const [positions, channels] = [draw(2, T), draw(C, 2)];
  const source = adapter(
    {},
    {
      'base_model.model.transformer.wpe.lora_embedding_A': tensor(positions),
      'base_model.model.transformer.wpe.lora_embedding_B': tensor(channels),
    },
  );
  const wpe = 'transformer.wpe.weight';
  const want = await withWeights({ [wpe]: sum(weight(wpe), transposed(product(channels, positions)), 1.5) });
  const model = await loadModel(BASE, { ...OPTIONS, adapters: [source], contextLength: 16 });
  assertLogits(await model.logits(IDS), want);
  model.dispose();
});

test('tensors that no setting explains, and settings that are not computed, are refused', async () => {
  const other = tensor(draw(2, C));
  for (const [fields, tensors, code, words] of [
    [
      {},
      { ...plain, 'base_model.model.transformer.h.7.ln_1.weight': other },
      'unsupported',
      'h.7.ln_1.weight',
    ],
    [{}, { ...plain, [`base_model.model.${ATTN}.lora_C.weight`]: other }, 'unsupported', 'lora_C'],
    [
      {},
      { ...plain, [`base_model.model.${ATTN}.lora_magnitude_vector`]: other },
      'unsupported',
      'lora_magnitude',
    ],
    [{}, {}, 'unsupported', 'no tensors'],
    [{ rank_pattern: { c_attn: 3 } }, plain, 'invalid-file', 'shape'],
    [{ rank_pattern: { c_attn: 0 } }, plain, 'invalid-file', 'rank_pattern'],
    [{ alpha_pattern: { c_attn: 'x' } }, plain, 'invalid-file', 'alpha_pattern'],
    [{ alpha_pattern: ['c_attn'] }, plain, 'invalid-file', 'alpha_pattern'],
    [{ alpha_pattern: { '(c_attn)\\1': 2 } }, plain, 'unsupported', '\\\\1'],
    [{ use_qalora: true }, plain, 'unsupported', 'use_qalora true'],
    [{ target_parameters: ['h.0.x'] }, plain, 'unsupported', 'target_parameters'],
    [{ init_lora_weights: 'pissa_niter_4' }, plain, 'unsupported', 'init_lora_weights'],
    [{ peft_type: 'IA3' }, { [`${ATTN}.ia3_l`]: tensor(draw(1, 5)) }, 'invalid-file', 'shape'],
    [{ peft_type: 'OFT' }, plain, 'unsupported', 'LORA, ADALORA, IA3'],
    [{ peft_type: ['LORA'] }, plain, 'unsupported', 'peft_type'],
  ] as const) {
    await thrown(() => merged([adapter(fields, tensors)]), code, words);
  }
  assert.ok(true);
});

test.run();
