import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadInChunks } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { inspectModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { run } from '../../cli/run.js';
import { encode, isEncoded, randomBlocks } from '../../dtypes/blocks.js';
import { expectedOf } from '../../support/checkpoints.js';
import { assertLogits, relativeError } from '../../support/logits.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { fixture } from '../support.js';
import {
  assertSame,
  decodedFile,
  ggufSource,
  logitsOf,
  logitsOfFile,
  modelFile,
  modelMetadata,
  type TypeOf,
} from './models.js';
import {
  array,
  concat,
  RARE_TYPES,
  scalar,
  TENSOR_TYPES,
  type TensorType,
  typed,
  writeGguf,
} from './writer.js';

/** Fixtures in F32 whose computation GGUF can express. */
const MODELS = [
  'base',
  'context-full',
  'eps-large',
  'odd-sizes',
  'one-layer-one-head',
  'untied-head',
  'wide-head',
];

const random = randomSource(31);

for (const name of MODELS) {
  for (const build of BUILDS) {
    test(`${name} as F32, ${build}: every logit is PyTorch's`, async () => {
      const { input_ids, logits } = expectedOf(name);
      assertLogits(await logitsOf(ggufSource(writeGguf(modelFile(name))), input_ids, build), logits);
    });
  }

  test(`${name} as F32: the config is that of config.json`, async () => {
    const { config } = await inspectModel(ggufSource(writeGguf(modelFile(name))));
    const { config: wanted } = await inspectModel(memorySource('folder', fixture(name)));
    // GGUF has a key for each token; these files have none for the beginning of a text.
    assert.equal(config, { ...wanted, bosTokenId: undefined });
  });
}

/** Matrices in one type, the rest in F32, as llama.cpp writes them. */
const matricesAs =
  (type: TensorType): TypeOf =>
  (_name, shape) =>
    shape.length === 2 && shape[1]! % TENSOR_TYPES[type].weights === 0 ? type : 'F32';

for (const type of ['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1'] as const) {
  test(`wide-head with matrices in ${type}: the logits of the decoded weights, near those of the exact ones`, async () => {
    const { input_ids, logits } = expectedOf('wide-head');
    const file = modelFile('wide-head', matricesAs(type));
    assert.is(file.tensors.filter((tensor) => tensor.type === type).length, 2 + 2 * 4);
    const got = await logitsOfFile(file, input_ids);
    assertSame(got, await logitsOfFile(decodedFile(file), input_ids));
    // Even with random weights in 4 bits the logits are similar.
    const error = rootMeanSquare(got.map((value, i) => value - logits[i]!));
    assert.ok(error < 0.5 * rootMeanSquare(logits), `${error} beside ${rootMeanSquare(logits)}`);
  });
}

for (const build of BUILDS) {
  test(`${build}: Q4_0 blocks go into q4 as they are`, async () => {
    const { input_ids } = expectedOf('wide-head');
    // Weights of -5 to 5 steps: a search for the scale would find another one.
    const store = (type: TensorType, values: Float32Array) => {
      const bytes = encode(type, values);
      if (type !== 'Q4_0') return bytes;
      const inner = (steps: number) => Math.max(3, Math.min(13, steps));
      return bytes.map((pair, i) => (i % 18 < 2 ? pair : inner(pair & 15) | (inner(pair >> 4) << 4)));
    };
    const file = modelFile('wide-head', matricesAs('Q4_0'), store);
    const got = await logitsOf(ggufSource(writeGguf(file)), input_ids, build, 'q4');
    const error = relativeError(got, await logitsOfFile(decodedFile(file), input_ids));
    assert.ok(error > 0 && error < 0.03, `relative error ${error}`);
  });
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

const isRare = (type: string) => (RARE_TYPES as readonly string[]).includes(type);
const COMMON_TYPES = (Object.keys(TENSOR_TYPES) as TensorType[]).filter((type) => !isRare(type));

for (const [name, kinds] of [
  ['usual', COMMON_TYPES],
  ['rare', [...RARE_TYPES, 'F32'] as TensorType[]],
] as const) {
  test(`every ${name} type in one model, vectors too: the logits of the decoded weights, in chunks of any size`, async () => {
    const { input_ids } = expectedOf('wide-head');
    const used = new Set<TensorType>();
    const typeOf: TypeOf = (_name, shape) => {
      const fitting = kinds.filter((type) => shape.at(-1)! % TENSOR_TYPES[type].weights === 0);
      const type = fitting.find((candidate) => !used.has(candidate)) ?? random.pick(fitting);
      used.add(type);
      return type;
    };
    const store = (type: TensorType, values: Float32Array) =>
      isEncoded(type)
        ? encode(type, values)
        : randomBlocks(type, values.length / TENSOR_TYPES[type].weights, 0.1, random.below);
    const file = modelFile('wide-head', typeOf, store);
    // Rows of 512 (ffn_down) and vectors of 512 (ffn_up.bias) are all that take K-quants here: two layers have
    // four.
    assert.is(used.size, kinds.length);
    const wanted = await logitsOfFile(decodedFile(file), input_ids);
    assert.ok(wanted.every(Number.isFinite));
    assertSame(await logitsOfFile(file, input_ids), wanted);

    const whole = await packed(file, 2 ** 22);
    for (const chunkBytes of [1, 1000, 65_536]) assert.ok((await packed(file, chunkBytes)) === whole);
  });
}

/** All bytes that a loader receives for each parameter. */
async function packed(file: Parameters<typeof writeGguf>[0], chunkBytes: number) {
  const checkpoint = await openCheckpoint(ggufSource(writeGguf(file)));
  const parameters = new Map<string, Uint8Array[]>();
  const pack = (
    parameter: { name: string },
    _first: number,
    _rows: number,
    bytes: Uint8Array,
    dtype: string,
  ) => {
    parameters.set(parameter.name, [...(parameters.get(parameter.name) ?? []), bytes.slice()]);
    assert.ok(['F32', 'F16', 'BF16'].includes(dtype));
  };
  await loadInChunks(checkpoint, { takesBlocks: () => false, pack }, chunkBytes, {});
  return Array.from(parameters, ([name, parts]) => `${name} ${Buffer.concat(parts).toString('hex')}`)
    .sort()
    .join();
}

test('version 2, another alignment and tensors in any order and with gaps are read', async () => {
  const { input_ids } = expectedOf('base');
  const file = modelFile('base');
  const wanted = await logitsOfFile(file, input_ids);
  assertSame(await logitsOfFile({ ...file, version: 2 }, input_ids), wanted);
  const tensors = [...file.tensors].reverse();
  assertSame(await logitsOfFile({ ...file, tensors }, input_ids), wanted);
  for (const alignment of [1, 8, 4096]) {
    const metadata = [...file.metadata, ['general.alignment', typed('u32', alignment)] as const];
    assertSame(await logitsOfFile({ ...file, metadata, alignment }, input_ids), wanted);
  }
});

test('the header may be longer than the first read', async () => {
  const { input_ids } = expectedOf('base');
  const file = modelFile('base');
  const long = [
    ['general.description', typed('string', 'x'.repeat(5_000_000))],
    [
      'some.list',
      concat([array('u8', []).subarray(0, 8), scalar('u64', 4_000_000), new Uint8Array(4_000_000)]),
    ],
  ] as const;
  const metadata = [...long, ...file.metadata];
  assertSame(await logitsOfFile({ ...file, metadata }, input_ids), await logitsOfFile(file, input_ids));
});

test('metadata of every type is read past', async () => {
  const file = modelFile('base');
  const metadata = [
    ...file.metadata,
    ...(['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'u64', 'i64', 'f64'] as const).flatMap((type) => [
      [`a.${type}`, typed(type, 7)] as const,
      [`b.${type}`, array(type, [1, 2, 3])] as const,
    ]),
    ['a.bool', typed('bool', true)] as const,
    ['b.bool', array('bool', [true, false])] as const,
    ['b.string', array('string', ['', 'Ġa', '\u{1f600}', 'x'.repeat(100)])] as const,
    ['u64.largest', typed('u64', 2n ** 64n - 1n)] as const,
  ];
  assert.ok(await inspectModel(ggufSource(writeGguf({ ...file, metadata }))));
});

test('sizes may be of any integer type', async () => {
  for (const type of ['u16', 'i32', 'u64', 'i64'] as const) {
    const metadata = modelMetadata('base').map(([key, value]) =>
      key === 'gpt2.block_count' ? ([key, typed(type, 3)] as const) : ([key, value] as const),
    );
    const { config } = await inspectModel(ggufSource(writeGguf({ ...modelFile('base'), metadata })));
    assert.is(config.layers, 3);
  }
});

const BAD_CONFIGS: readonly [
  key: string,
  value: Uint8Array | undefined,
  code: 'invalid-file' | 'unsupported',
  RegExp,
][] = [
  ['general.architecture', typed('string', 'llama'), 'unsupported', /"llama"; only "gpt2"/],
  ['general.architecture', undefined, 'invalid-file', /no general\.architecture/],
  ['general.architecture', typed('u32', 1), 'invalid-file', /is of type u32; it must be a string/],
  ['general.type', typed('string', 'adapter'), 'unsupported', /"adapter", no whole model/],
  ['split.count', typed('u16', 3), 'unsupported', /one of 3 parts/],
  ['gpt2.block_count', undefined, 'invalid-file', /no gpt2\.block_count/],
  ['gpt2.block_count', typed('f32', 3), 'invalid-file', /gpt2\.block_count is of type f32/],
  ['gpt2.block_count', typed('u32', 5000), 'invalid-file', /is 5000; .* from 1 to 4096/],
  ['gpt2.block_count', typed('i32', -1), 'invalid-file', /is -1/],
  ['gpt2.block_count', typed('u32', 2), 'invalid-file', /"blk\.2\..* gpt2\.block_count is 2/],
  ['gpt2.block_count', typed('u32', 4), 'invalid-file', /no tensor "blk\.3\.attn_norm\.weight"/],
  ['gpt2.context_length', typed('u64', 2n ** 63n), 'invalid-file', /gpt2\.context_length is/],
  ['gpt2.embedding_length', typed('u32', 64), 'invalid-file', /token_embd\.weight.* \[97, 32\].* \[97, 64\]/],
  ['gpt2.attention.head_count', typed('u32', 5), 'invalid-file', /5, which does not divide/],
  ['gpt2.attention.head_count_kv', typed('u32', 2), 'unsupported', /head_count_kv is 2; in GPT-2 it is 4/],
  ['gpt2.attention.causal', typed('bool', false), 'unsupported', /causal is false/],
  ['gpt2.attention.layer_norm_epsilon', typed('f32', -1), 'invalid-file', /epsilon is -1/],
  ['gpt2.attention.layer_norm_epsilon', undefined, 'invalid-file', /no gpt2\.attention\.layer_norm_epsilon/],
  ['gpt2.attention.clamp_kqv', typed('f32', 8), 'unsupported', /clamp_kqv is 8/],
  ['gpt2.rope.freq_base', typed('f32', 10000), 'unsupported', /rope\.freq_base/],
];

for (const [key, value, code, message] of BAD_CONFIGS) {
  test(`metadata that cannot be computed with: ${message}`, async () => {
    const metadata = modelMetadata('base').filter(([name]) => name !== key);
    if (value !== undefined) metadata.push([key, value]);
    const source = ggufSource(writeGguf({ ...modelFile('base'), metadata }));
    await thrown(() => inspectModel(source), code, message, /model\.gguf of memory/);
  });
}

test('without tokens in the metadata the embedding says how many there are, and the model has no tokenizer', async () => {
  const source = ggufSource(writeGguf(modelFile('base')));
  const model = await loadModel(source);
  assert.is(model.config.vocabSize, 97);
  await thrown(() => loadTokenizer(source), 'not-found', /model\.gguf of memory has no tokenizer/);
  model.dispose();
});

test('a path, a file: URL and a folder with the one file; two files are one too many', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
  try {
    const path = join(folder, 'base.Q8_0.gguf');
    await writeFile(path, writeGguf(modelFile('base', matricesAs('Q8_0'))));
    await writeFile(join(folder, 'README.md'), 'a model');
    const { input_ids } = expectedOf('base');
    const results = [];
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, folder]) {
      const model = await loadModel(source);
      results.push(await model.logits(input_ids));
      model.dispose();
    }
    for (const result of results) assertSame(result, results[0]!);

    const { stdout, stderr, code } = await run(['info', '--json', path]);
    assert.is(code, 0, stderr);
    assert.is(JSON.parse(stdout).config.vocabSize, 97);

    await writeFile(join(folder, 'base.F32.gguf'), writeGguf(modelFile('base')));
    const several = [/base\.F32\.gguf, base\.Q8_0\.gguf; give the path of one/];
    await thrown(() => loadModel(folder), 'invalid-option', ...several);
    await thrown(() => loadTokenizer(folder), 'invalid-option', ...several);
    assert.ok(await inspectModel(path));

    await thrown(() => loadModel(join(folder, 'other.gguf')), 'not-found', /other\.gguf/);
    await mkdir(join(folder, 'empty.gguf'));
    await thrown(() => loadModel(join(folder, 'empty.gguf')), 'not-found', /neither model\.safetensors/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('safetensors count where both are there', async () => {
  const source = memorySource('both', { ...fixture('base'), 'a.gguf': 'not read', 'b.gguf': 'nor this' });
  assert.is((await inspectModel(source)).config.vocabSize, 97);
});

test.run();
