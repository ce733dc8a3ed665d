import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadInChunks } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { expectedOf } from '../../support/checkpoints.js';
import { assertLogits } from '../../support/logits.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { memorySource } from '../../support/sources.js';
import { StorageWriter, stateDict } from '../../support/torch_models.js';
import { zipFile } from '../../support/torch_writer.js';
import { survivesDamage } from '../damage.js';
import { assertSame, logitsOf } from '../gguf/models.js';
import { type Files, fixture, join, rejects, split } from '../support.js';

/** Rows of numbers; a vector has rows of one. */
interface Matrix {
  readonly rows: readonly (readonly number[])[];
  readonly isVector: boolean;
}

const C_ATTN = /attn\.c_attn\./;
const MATRIX = /\.(?:c_attn|c_proj|c_fc)\.weight$/;

const transpose = ({ rows }: Matrix): Matrix => ({
  rows: rows[0]!.map((_, column) => rows.map((row) => row[column]!)),
  isVector: false,
});

/** The weights of the base fixture by name, matrices by their outputs. */
function weights(): Map<string, Matrix> {
  const { header, data } = split(fixture('base')['model.safetensors']!);
  const found = new Map<string, Matrix>();
  for (const [name, { shape, data_offsets }] of Object.entries(header)) {
    if (/\.attn\.(?:masked_)?bias$/.test(name)) continue;
    const values = new Float32Array(new Uint8Array(data.subarray(...data_offsets)).buffer);
    const columns = shape.length === 1 ? 1 : shape[1]!;
    const rows = Array.from({ length: shape[0]! }, (_, i) => [
      ...values.subarray(i * columns, (i + 1) * columns),
    ]);
    const matrix = { rows, isVector: shape.length === 1 };
    found.set(name, MATRIX.test(name) ? transpose(matrix) : matrix);
  }
  return found;
}

const CONFIG = JSON.parse(new TextDecoder().decode(fixture('base')['config.json']));
const HEADS: number = CONFIG.n_head;
const C: number = CONFIG.n_embd;
const SIZE = C / HEADS;

/** The files of a model of these weights, whose matrices are by their outputs. */
function filesOf(all: ReadonlyMap<string, Matrix>, fields: object, isTransposed = false): Files {
  const header: Record<string, object> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, stored] of all) {
    const { rows, isVector } = isTransposed && MATRIX.test(name) ? transpose(stored) : stored;
    const bytes = new Uint8Array(Float32Array.from(rows.flat()).buffer);
    header[name] = {
      dtype: 'F32',
      shape: isVector ? [rows.length] : [rows.length, rows[0]!.length],
      data_offsets: [at, at + bytes.length],
    };
    parts.push(bytes);
    at += bytes.length;
  }
  const config = JSON.stringify({
    ...CONFIG,
    model_type: 'gpt_bigcode',
    architectures: ['GPTBigCodeForCausalLM'],
    ...fields,
  });
  return { 'config.json': config, 'model.safetensors': join(header, new Uint8Array(Buffer.concat(parts))) };
}

const changed = (change: (rows: Matrix['rows']) => Matrix['rows']) =>
  new Map(
    Array.from(weights(), ([name, { rows, isVector }]): [string, Matrix] => [
      name,
      { rows: C_ATTN.test(name) ? change(rows) : rows, isVector },
    ]),
  );

/** Rows of queries, keys and values of each head together, as GPTBigCode has them without multi-query attention. */
const interleaved = changed((rows) =>
  Array.from({ length: HEADS }, (_, head) =>
    [0, 1, 2].flatMap((kind) => rows.slice(kind * C + head * SIZE, kind * C + (head + 1) * SIZE)),
  ).flat(),
);
/** One key and value: those of the first head. */
const shared = changed((rows) => [...rows.slice(0, C + SIZE), ...rows.slice(2 * C, 2 * C + SIZE)]);
/** The same as a GPT-2, each head with a copy. */
const repeated = changed((rows) => {
  const copies = (first: number) =>
    Array.from({ length: HEADS }, () => rows.slice(first, first + SIZE)).flat();
  return [...rows.slice(0, C), ...copies(C), ...copies(2 * C)];
});

const { input_ids, logits } = expectedOf('base');
const logitsOfFiles = (files: Files) => logitsOf(memorySource('memory', files), input_ids);

test('GPTBigCode without multi-query attention: the logits of the GPT-2 of the same weights', async () => {
  assertLogits(await logitsOfFiles(filesOf(interleaved, { multi_query: false })), logits);
});

test('with multi-query attention: the bits of a GPT-2 whose heads have equal keys and values', async () => {
  const gpt2 = filesOf(repeated, { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'] }, true);
  const wanted = await logitsOfFiles(gpt2);
  assertSame(await logitsOfFiles(filesOf(shared, {})), wanted);
  assertSame(await logitsOfFiles(filesOf(shared, { multi_query: true })), wanted);
  assert.not.equal([...wanted], [...logits]);
});

test('in a file of PyTorch, also one with transposed numbers in f64', async () => {
  const numbers = new Map(
    Array.from(shared, ([name, { rows, isVector }]) => [
      name,
      { shape: isVector ? [rows.length] : [rows.length, rows[0]!.length], values: rows.flat() },
    ]),
  );
  const { 'config.json': config, ...safetensors } = filesOf(shared, {});
  const wanted = await logitsOfFiles({ 'config.json': config!, ...safetensors });
  for (const [writer, order] of [
    [new StorageWriter(''), 'rows'],
    [new StorageWriter('', 'DoubleStorage', { isBig: false }), 'columns'],
  ] as const) {
    const file = zipFile(stateDict(numbers, writer, (name) => (name.endsWith('weight') ? order : 'rows')));
    assertSame(await logitsOfFiles({ 'config.json': config!, 'pytorch_model.bin': file }), wanted);
  }
});

test('in chunks of any size the numbers are the same', async () => {
  const random = randomSource(5);
  const numbers = async (chunkBytes: number) => {
    const checkpoint = await openCheckpoint(memorySource('memory', filesOf(shared, {})));
    const found: string[] = [];
    const parts = new Map<string, Uint8Array[]>();
    await loadInChunks(
      checkpoint,
      {
        takesBlocks: () => false,
        pack: ({ name }, _first, _count, bytes) =>
          void parts.set(name, [...(parts.get(name) ?? []), bytes.slice()]),
      },
      chunkBytes,
      {},
    );
    for (const [name, all] of parts) found.push(`${name} ${Buffer.concat(all).toString('base64')}`);
    return found.sort();
  };
  const wanted = await numbers(2 ** 22);
  await holds(
    'chunks',
    fc.constant(0).map(() => 1 + random.below(20_000)),
    async (chunkBytes) => assert.equal(await numbers(chunkBytes), wanted),
    8,
  );
});

test('weights that contradict the config are refused', async () => {
  const open = (files: Files) => openCheckpoint(memorySource('memory', files));
  await rejects(open(filesOf(shared, { multi_query: false })), 'invalid-file', /c_attn.*must have 96 rows/);
  await rejects(open(filesOf(interleaved, {})), 'invalid-file', /c_attn.*it must have \d+ rows/);
  await rejects(open(filesOf(shared, { multi_query: 1 })), 'invalid-file', /multi_query is 1/);
});

test('damaged files open or are refused', async () => {
  const { 'config.json': config, ...files } = filesOf(shared, {});
  const bytes = {
    ...(files as Record<string, Uint8Array>),
    'config.json': new TextEncoder().encode(config as string),
  };
  await survivesDamage('damaged GPTBigCode', bytes, (source) => openCheckpoint(source), 100);
});

test.run();
