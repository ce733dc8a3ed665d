import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import type { ModelSource } from '../../../src/files/source.js';
import {
  convertModel,
  type GgufWeights,
  inspectModel,
  loadModel,
  loadTokenizer,
} from '../../../src/index.js';
import type { ConvertOptions } from '../../../src/model/convert_options.js';
import { expectedOf } from '../../support/checkpoints.js';
import { BUILDS } from '../../support/relaxed.js';
import { folderFixture, memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { tinyModel } from '../../support/tiny_model.js';
import { readFixture, SMALL_MERGES, smallVocab, tokenizerJson } from '../../tokenizer/helpers.js';
import { fixture, join, split, withConfig } from '../support.js';
import { assertSame, ggufSource, modelFile } from './models.js';
import { array, concat, typed, writeGguf } from './writer.js';

const checkpoint = (name: string) => memorySource(name, fixture(name));

async function converted(source: ModelSource, weights: GgufWeights, options: Partial<ConvertOptions> = {}) {
  const file = await convertModel(source, { weights, ...options });
  const parts: Uint8Array[] = [];
  for await (const part of file.bytes()) parts.push(part);
  const bytes = concat(parts);
  assert.is(bytes.length, file.byteLength);
  return { source: ggufSource(bytes), warnings: file.warnings, bytes };
}

async function logits(
  source: ModelSource,
  ids: readonly number[],
  weights: WeightFormat,
): Promise<Float32Array> {
  const model = await loadModel(source, { weights, build: 'simd' });
  const got = await model.logits(ids);
  model.dispose();
  return got;
}

function relativeError(got: Float32Array, wanted: Float32Array): number {
  const square = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(square(got.map((value, i) => value - wanted[i]!)) / square(wanted));
}

const PLAIN = [
  ...['base', 'bf16-sharded', 'context-full', 'eps-large', 'f16-prefixed-masks', 'odd-sizes'],
  ...['one-layer-one-head', 'untied-head', 'wide-head'],
];
const FOLDED = ['inverse-layer-idx', 'unscaled-attn'];

for (const name of [...PLAIN, ...FOLDED]) {
  test(`${name}: the config is that of config.json, the logits are near PyTorch's in f16, recognisable in q4`, async () => {
    const { input_ids, logits: wanted } = expectedOf(name);
    const { config } = await inspectModel(checkpoint(name));
    const f16 = await converted(checkpoint(name), 'f16');
    assert.equal((await inspectModel(f16.source)).config, {
      ...config,
      scaleAttention: true,
      scaleAttentionByInverseLayer: false,
    });
    assert.ok(relativeError(await logits(f16.source, input_ids, 'f32'), wanted) < 1e-3);
    const q4 = await converted(checkpoint(name), 'q4');
    assert.ok(relativeError(await logits(q4.source, input_ids, 'f32'), wanted) < 0.5);
  });
}

for (const name of PLAIN) {
  for (const weights of ['q8', 'q4'] as const) {
    test(`${name}: ${weights} in the file is ${weights} in memory, bit by bit`, async () => {
      const { input_ids } = expectedOf(name);
      const { source } = await converted(checkpoint(name), weights);
      if (name !== 'odd-sizes' && name !== 'one-layer-one-head') {
        assertSame(
          await logits(source, input_ids, weights),
          await logits(checkpoint(name), input_ids, weights),
        );
      }
      // A second conversion to the same format copies the blocks.
      const again = await converted(source, weights);
      assertSame(await logits(again.source, input_ids, 'f32'), await logits(source, input_ids, 'f32'));
    });
  }
}

test('a compiled module does the quantizing too, and another one is refused', async () => {
  const wanted = (await converted(checkpoint('base'), 'q4')).bytes;
  for (const build of BUILDS) {
    const binary = readFileSync(new URL(`../../../build/wasm/${build}.wasm`, import.meta.url));
    const module = await WebAssembly.compile(binary);
    assert.equal((await converted(checkpoint('base'), 'q4', { module })).bytes, wanted);
  }
  const module = {} as WebAssembly.Module;
  await thrown(() => convertModel(checkpoint('base'), { weights: 'q8', module }), 'invalid-option', 'module');
});

test('matrices whose rows are no whole blocks stay F16, and are named', async () => {
  const { source, warnings } = await converted(checkpoint('odd-sizes'), 'q8');
  assert.match(warnings[0]!, /odd-sizes has no tokenizer/);
  assert.is(
    warnings.filter((warning) => /is stored as F16: its rows of \d+ weights/.test(warning)).length,
    9,
  );
  assert.match(warnings.join(), /token_embd\.weight is stored as F16: its rows of 36 weights/);
  assertSame(
    await logits(source, [1, 2, 3], 'f32'),
    await logits((await converted(checkpoint('odd-sizes'), 'f16')).source, [1, 2, 3], 'f32'),
  );
});

test('an activation that GGUF has no name for is refused', async () => {
  for (const [name, activation] of [
    ['exact-gelu', 'gelu-erf'],
    ['relu-inner', 'relu'],
  ] as const) {
    await thrown(() => convertModel(checkpoint(name), { weights: 'f16' }), 'unsupported', name, activation);
  }
});

test('options are checked', async () => {
  const convert = (options: object) => convertModel(checkpoint('base'), options as never);
  await thrown(() => convert({}), 'invalid-option', /weights is undefined; it must be 'f16', 'q8' or 'q4'/);
  await thrown(() => convert({ weights: 'f32' }), 'invalid-option', /weights is "f32"/);
  await thrown(() => convert({ weights: 'q8', nam: 'x' }), 'invalid-option', /did you mean name/);
  await thrown(() => convert({ weights: 'q8', name: 1 }), 'invalid-option', /name is 1/);
});

/** A fixture with the number of a tensor at an index replaced. */
function changed(name: string, tensor: string, index: number, value: number): ModelSource {
  const files = fixture(name);
  const { header, data } = split(files['model.safetensors']!);
  const copy = Uint8Array.from(data);
  const [start] = header[tensor]!.data_offsets;
  new DataView(copy.buffer).setFloat32(start + 4 * index, value, true);
  return memorySource('changed', { ...files, 'model.safetensors': join(header, copy) });
}

test('a weight that the format cannot hold is refused by name', async () => {
  const type = { f16: 'F16', q8: 'Q8_0', q4: 'Q4_0' } as const;
  for (const weights of ['f16', 'q8', 'q4'] as const) {
    for (const name of ['h.1.mlp.c_proj.weight', 'wte.weight']) {
      for (const value of [1e9, Number.NaN, Number.NEGATIVE_INFINITY]) {
        const source = changed('base', name, 7, value);
        await thrown(() => converted(source, weights), 'unsupported', name, `too large for ${type[weights]}`);
      }
    }
    for (const name of ['h.0.mlp.c_fc.bias', 'h.1.ln_2.weight', 'wpe.weight', 'ln_f.bias']) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const source = changed('base', name, 3, value);
        await thrown(() => converted(source, weights), 'unsupported', name, 'not a number');
      }
    }
  }
});

test('what is copied bit by bit is looked at too', async () => {
  for (const [weights, type] of [
    ['f16', 'F16'],
    ['q8', 'Q8_0'],
    ['q4', 'Q4_0'],
  ] as const) {
    const { bytes } = await converted(checkpoint('base'), weights);
    const checked = await openCheckpoint(ggufSource(bytes));
    const { start, dtype } = checked.tensors.get('h.0.attn.c_attn.weight')!;
    assert.is(dtype, type);
    const broken = Uint8Array.from(bytes);
    broken.set([0, 0x7c], start);
    await thrown(() => converted(ggufSource(broken), weights), 'unsupported', 'h.0.attn.c_attn.weight');
  }
});

test("GPT-2's tokenizer comes back with its reference ids", async () => {
  const files = { 'vocab.json': readFixture('vocab.json'), 'merges.txt': readFixture('merges.txt') };
  const { source } = await converted(memorySource('gpt2', { ...tinyModel(50257), ...files }), 'f16');
  const tokenizer = await loadTokenizer(source);
  const vectors: { text: string; ids: number[] }[] = JSON.parse(readFixture('vectors.json'));
  for (const { text, ids } of vectors) {
    assert.equal(tokenizer.encode(text), ids, JSON.stringify(text));
    assert.is(tokenizer.decode(ids), text);
  }
  assert.is(tokenizer.vocabSize, 50257);
  assert.equal([...tokenizer.specialTokens], [['<|endoftext|>', 50256]]);
  assert.is(tokenizer.eosTokenId, 50256);
  assert.is(tokenizer.bosTokenId, 50256);
});

test('the tokenizer of stories-tiny too, and its greedy text', async () => {
  const stories = folderFixture('fixtures/stories-tiny');
  const { source, warnings } = await converted(stories, 'f16');
  assert.equal(warnings, []);
  const model = await loadModel(source, { build: 'simd' });
  const own = await loadModel(stories, { build: 'simd' });
  const options = { maxTokens: 32, temperature: 0 };
  // Its weights are stored in F16, so that no bit is lost.
  assert.is(
    (await model.generate('Once upon', options)).text,
    (await own.generate('Once upon', options)).text,
  );
  const ids = own.tokenizer.encode('One day, a cat');
  assertSame(await model.logits(ids), await own.logits(ids));
  assert.equal(model.tokenizer.encode('One day, a cat'), ids);
  model.dispose();
  own.dispose();
});

test('added tokens keep their kind, ids without a token stay without one', async () => {
  const vocab = smallVocab();
  const tokenizerFiles = {
    'vocab.json': JSON.stringify(vocab),
    'merges.txt': `#version: 0.2\n${SMALL_MERGES.join('\n')}\n`,
    'added_tokens.json': JSON.stringify({ 'café  x': 260, '→': 262 }),
    'special_tokens_map.json': JSON.stringify({ additional_special_tokens: ['→'] }),
  };
  const { source } = await converted(memorySource('added', { ...tinyModel(265), ...tokenizerFiles }), 'f16');
  const tokenizer = await loadTokenizer(source);
  assert.equal(tokenizer.encode('acafé  xb abc'), [97, 260, 98, 32, 257]);
  assert.equal(tokenizer.encode('→'), [...new TextEncoder().encode('→')]);
  assert.equal(tokenizer.encode('→', { allowedSpecial: 'all' }), [262]);
  assert.is(tokenizer.decode([260, 262]), 'café  x→');
  await thrown(() => tokenizer.decode([261]), 'invalid-option');
  assert.is(tokenizer.tokenToId('[PAD261]'), undefined);
  assert.is((await inspectModel(source)).config.vocabSize, 265);
});

test('what a tokenizer loses is said', async () => {
  const files = {
    'vocab.json': JSON.stringify(smallVocab()),
    'merges.txt': SMALL_MERGES.join('\n'),
    'tokenizer_config.json': JSON.stringify({
      add_prefix_space: true,
      eos_token: { content: '<|endoftext|>', lstrip: true },
    }),
  };
  const { source, warnings } = await converted(memorySource('lossy', { ...tinyModel(257), ...files }), 'f16');
  const all = warnings.join('\n');
  assert.match(all, /llama\.cpp ignores add_prefix_space/);
  assert.match(all, /"<\|endoftext\|>" takes white space along/);
  assert.match(all, /those of the tokenizer from id 257 on are left out/);
  const tokenizer = await loadTokenizer(source);
  assert.is(tokenizer.vocabSize, 257);
  assert.equal(tokenizer.encode('abc'), [32, 256, 99]);
});

test('tokens by role and the chat template are kept', async () => {
  const files = {
    'vocab.json': JSON.stringify(smallVocab()),
    'merges.txt': SMALL_MERGES.join('\n'),
    'added_tokens.json': JSON.stringify({ '<pad>': 260, '<sep>': 261 }),
    'tokenizer_config.json': JSON.stringify({
      pad_token: '<pad>',
      sep_token: { content: '<sep>' },
      chat_template: '{{ messages }}',
      add_bos_token: true,
    }),
  };
  const { source } = await converted(memorySource('roles', { ...tinyModel(262), ...files }), 'f16');
  const written = JSON.parse((await loadTokenizer(source)).files()['tokenizer_config.json']!);
  assert.equal(
    [written.pad_token, written.sep_token, written.chat_template, written.add_bos_token],
    ['<pad>', '<sep>', '{{ messages }}', true],
  );
});

test('bytes that the vocabulary lacks are left out of a GGUF file too, and where they were not, that is said', async () => {
  const { x: _, ...vocab } = smallVocab();
  const lossy = async (unk_token: string | null) => {
    const json = tokenizerJson({ model: { vocab, unk_token, ignore_merges: unk_token !== null } });
    const files = { 'tokenizer.json': JSON.stringify(json) };
    return converted(memorySource('lacking', { ...tinyModel(260), ...files }), 'f16');
  };
  const dropping = await lossy(null);
  assert.equal(dropping.warnings, []);
  assert.equal((await loadTokenizer(dropping.source)).encode('axb'), [256]);
  const { warnings } = await lossy('<|endoftext|>');
  assert.match(warnings.join('\n'), /bytes without a token will be left out.*ignore_merges/s);
});

test('several tokens that end a text: two are kept, more are named', async () => {
  const source = memorySource(
    'ends',
    withConfig('base', { eos_token_id: [5, 6, 7] }) as Record<string, Uint8Array>,
  );
  const file = await converted(source, 'q8');
  assert.match(file.warnings.join('\n'), /two tokens that end a text: 7 will no longer/);
  assert.equal((await inspectModel(file.source)).config.eosTokenIds, [5, 6]);
});

test('another GGUF file is a source, with its tokenizer', async () => {
  const tokens = Array.from({ length: 97 }, (_, id) => String.fromCharCode(id < 94 ? 33 + id : 162 + id));
  const metadata = [
    ...modelFile('base').metadata,
    ['tokenizer.ggml.model', typed('string', 'gpt2')] as const,
    ['tokenizer.ggml.tokens', array('string', tokens)] as const,
    ['tokenizer.ggml.merges', array('string', [])] as const,
  ];
  const f32 = ggufSource(writeGguf({ ...modelFile('base'), metadata }));
  const { input_ids } = expectedOf('base');
  const { source } = await converted(f32, 'q8');
  assertSame(await logits(source, input_ids, 'q8'), await logits(checkpoint('base'), input_ids, 'q8'));
  assert.equal((await loadTokenizer(source)).encode('Hello!'), (await loadTokenizer(f32)).encode('Hello!'));
});

test('the file names itself, and is written again each time it is asked for', async () => {
  const file = await convertModel(checkpoint('base'), { weights: 'q4', name: 'A small model' });
  const texts = [];
  for (let i = 0; i < 2; i++) {
    const parts: Uint8Array[] = [];
    let latest = 0;
    for await (const part of file.bytes({ onProgress: ({ loaded }) => (latest = loaded) })) parts.push(part);
    assert.is(latest, (await inspectModel(checkpoint('base'))).storedBytes);
    texts.push(Buffer.concat(parts).toString('latin1'));
  }
  assert.is(texts[0], texts[1]);
  assert.match(texts[0]!, 'A small model');
});

test('an abort ends the writing', async () => {
  const controller = new AbortController();
  const file = await convertModel(checkpoint('base'), { weights: 'q8' });
  await thrown(async () => {
    for await (const _ of file.bytes({ signal: controller.signal })) controller.abort();
  }, 'aborted');
});

test.run();
