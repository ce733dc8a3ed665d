import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LLMC } from '../../../src/checkpoints/llmc/format.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { readExactly } from '../../../src/files/read.js';
import { inspectModel } from '../../../src/model/inspect_model.js';
import { decodeExpected } from '../../support/checkpoints.js';
import { serveFiles } from '../../support/file_server.js';
import { inFolder } from '../../support/in_folder.js';
import { assertLogits } from '../../support/logits.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { survivesDamage } from '../damage.js';
import { logitsOf } from '../gguf/models.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/llmc', import.meta.url));
const V3 = new Uint8Array(readFileSync(`${FIXTURES}/v3/gpt2_tiny.bin`));
const V5 = new Uint8Array(readFileSync(`${FIXTURES}/v5/gpt2_tiny_bf16.bin`));

const open = (files: Record<string, Uint8Array>) => openCheckpoint(memorySource('memory', files));

/** The file with other numbers in its header, by index. */
function withHeader(file: Uint8Array, numbers: Record<number, number>): Uint8Array {
  const changed = file.slice();
  const view = new DataView(changed.buffer);
  for (const [index, value] of Object.entries(numbers)) view.setInt32(4 * Number(index), value, true);
  return changed;
}

for (const [version, file, name] of [
  ['v3', V3, 'gpt2_124M.bin'],
  ['v5', V5, 'model_00000500.bin'],
] as const) {
  test(`${version}: every logit is PyTorch's; the padding of the vocabulary has none`, async () => {
    const { input_ids, logits } = decodeExpected(`${FIXTURES}/${version}/expected.json`);
    assertLogits(await logitsOf(memorySource('memory', { [name]: file }), input_ids), logits);
  });
}

/** Sizes of a model: T, V, L, heads, channels of a head, rows of padding. */
const sizes = fc.tuple(
  ...[fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 })],
  ...[fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), fc.nat(5)],
);

test('each weight is where llm.c has it, whatever the sizes', async () => {
  await holds(
    'places of weights',
    sizes,
    async ([T, V, L, heads, size, padding]) => {
      const C = heads * size;
      const Vp = V + padding;
      // Names by llm.c's ParameterTensors, with the numbers of each layer's part and of the whole.
      const parts: [name: string, layers: number, numbers: number, stored: number][] = [
        ['wte.weight', 1, V * C, Vp * C],
        ['wpe.weight', 1, T * C, T * C],
      ];
      for (const [name, numbers] of [
        ...[['ln_1.weight', C] as const, ['ln_1.bias', C] as const],
        ...[['attn.c_attn.weight', 3 * C * C] as const, ['attn.c_attn.bias', 3 * C] as const],
        ...[['attn.c_proj.weight', C * C] as const, ['attn.c_proj.bias', C] as const],
        ...[['ln_2.weight', C] as const, ['ln_2.bias', C] as const],
        ...[['mlp.c_fc.weight', 4 * C * C] as const, ['mlp.c_fc.bias', 4 * C] as const],
        ...[['mlp.c_proj.weight', 4 * C * C] as const, ['mlp.c_proj.bias', C] as const],
      ]) {
        parts.push([name, L, numbers, numbers]);
      }
      parts.push(['ln_f.weight', 1, C, C], ['ln_f.bias', 1, C, C]);
      const total = parts.reduce((sum, [, layers, , stored]) => sum + layers * stored, 0);
      const file = withHeader(new Uint8Array(1024 + 4 * total), {
        ...{ 0: 20240326, 1: 3, 2: T, 3: V, 4: L, 5: heads, 6: C, 7: Vp },
      });
      const { source, tensors, config, totalBytes } = await open({ 'mine.bin': file });
      assert.equal([config.vocabSize, config.contextLength, config.layers, config.heads], [V, T, L, heads]);
      assert.is(totalBytes, 4 * (total - padding * C));
      let at = 1024;
      for (const [name, layers, numbers, stored] of parts) {
        for (let layer = 0; layer < layers; layer++) {
          const full = /^(?:wte|wpe|ln_f)/.test(name) ? name : `h.${layer}.${name}`;
          const { start, end, parameter, file } = tensors.get(full)!;
          assert.equal([start, end], [at, at + 4 * numbers], full);
          assert.is(parameter.kind === 'conv1d', false);
          assert.is((await readExactly(source, file, start, end)).length, 4 * numbers);
          at += 4 * stored;
        }
      }
      assert.is(
        tensors.size,
        parts.reduce((sum, [, layers]) => sum + layers, 0),
      );
    },
    100,
  );
});

test('matrices have a row for each output', async () => {
  const { tensors } = await open({ 'gpt2_124M.bin': V3 });
  const { parameter } = tensors.get('h.0.attn.c_attn.weight')!;
  assert.is(parameter.kind, 'linear');
  assert.is(parameter.shape[0], 3 * parameter.shape[1]!);
});

test('the token that ends a text is that of the tokenizer beside the model', async () => {
  const tokenizer = new Uint8Array(new Int32Array([20240328, 2, 211, 210]).buffer);
  const files = { 'gpt2_124M.bin': V3, 'gpt2_tokenizer.bin': tokenizer };
  const { config } = await open(files);
  assert.equal([config.eosTokenIds, config.bosTokenId], [[210], 210]);
  await inFolder({ 'mine.bin': V3, 'gpt2_tokenizer.bin': tokenizer }, async (folder) => {
    for (const path of ['', 'mine.bin']) {
      assert.equal((await inspectModel(join(folder, path))).config.eosTokenIds, [210], path);
    }
    const server = await serveFiles(folder);
    try {
      assert.equal((await inspectModel(`${server.url}/mine.bin`)).config.eosTokenIds, [210]);
    } finally {
      await server.close();
    }
  });
  const { config: alone } = await open({ 'gpt2_124M.bin': V3 });
  assert.equal([alone.eosTokenIds, alone.bosTokenId], [[], undefined]);
});

test('files that are no whole model of a version that is read are refused by name', async () => {
  const refused = (file: Uint8Array, code: 'invalid-file' | 'unsupported', ...words: RegExp[]) =>
    thrown(() => open({ 'gpt2_124M.bin': file }), code, /gpt2_124M\.bin/, ...words);
  for (const version of [0, 1, 2, 4, 6]) {
    await refused(withHeader(V3, { 1: version }), 'unsupported', /version \d .*3 and 5.*train_gpt2\.py/);
  }
  await refused(V3.subarray(0, 5000), 'invalid-file', /has 5000 bytes.*takes 143872/);
  await refused(V3.subarray(0, 900), 'invalid-file', /cut off within its header/);
  await refused(withHeader(V3, { 1: 5 }), 'invalid-file', /takes 72448/);
  await refused(withHeader(V3, { 7: 200 }), 'invalid-file', /211 tokens, padded to 200/);
  await refused(withHeader(V3, { 6: -32 }), 'invalid-file', /header of gpt2_124M\.bin .*n_embd is -32/);
  await refused(withHeader(V3, { 2: 2 ** 24, 3: 2 ** 24, 7: 2 ** 24, 6: 2 ** 24, 4: 4096 }), 'invalid-file');
  await refused(withHeader(V3, { 0: 20240520 }), 'invalid-file', /text for training/);
});

test('damaged files open or are refused', async () => {
  await survivesDamage('damaged llm.c', { 'gpt2_124M.bin': V5.slice(0, V5.length) }, (source) =>
    openCheckpoint(source),
  );
});

test('the first bytes tell the format', () => {
  assert.ok(LLMC.begins!(V3.subarray(0, 4)));
  assert.not(LLMC.begins!(new Uint8Array([1, 2, 3, 4])));
});

test.run();
