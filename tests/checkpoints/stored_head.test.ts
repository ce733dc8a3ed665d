import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelSource } from '../../src/files/source.js';
import { convertModel, inspectModel, loadModel } from '../../src/index.js';
import { memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';
import { tinyModel } from '../support/tiny_model.js';
import { type Files, type Header, join, split } from './support.js';

const IDS = [3, 1, 2];
const memory = (files: Files): ModelSource => memorySource('tiny', files);

async function logitsOf(files: Files): Promise<Float32Array> {
  const model = await loadModel(memory(files), { build: 'simd' });
  try {
    return await model.logits(IDS);
  } finally {
    model.dispose();
  }
}

/** The files with the head's bytes changed, or stored as another type. */
function editHead(files: Files, edit: (head: Uint8Array) => { bytes: Uint8Array; dtype?: string }): Files {
  const { header, data } = split(files['model.safetensors'] as Uint8Array);
  const { shape, data_offsets: offsets } = header['lm_head.weight']!;
  const { bytes, dtype = 'F32' } = edit(data.slice(...offsets));
  const others = data.subarray(0, offsets[0]);
  const edited: Header = {
    ...header,
    'lm_head.weight': { dtype, shape, data_offsets: [offsets[0], offsets[0] + bytes.length] },
  };
  return { ...files, 'model.safetensors': join(edited, Buffer.concat([others, bytes])) };
}

/** The embedding's seed: a head that is made with it has the same numbers. */
const SAME = 1;

test('a head with the numbers of the embedding is tied to it', async () => {
  const stored = tinyModel(20, { head: SAME });
  const { config, notes, storedBytes } = await inspectModel(memory(stored));
  const without = await inspectModel(memory(tinyModel(20)));
  assert.equal([config, notes, storedBytes], [without.config, [], without.storedBytes]);
  assert.equal(await logitsOf(stored), await logitsOf(tinyModel(20)));
});

test('a head with other numbers counts, whether tie_word_embeddings is left out or true', async () => {
  const own = await logitsOf(tinyModel(20, { head: 7, config: { tie_word_embeddings: false } }));
  assert.not.equal(own, await logitsOf(tinyModel(20)));
  for (const config of [{}, { tie_word_embeddings: true }]) {
    const files = tinyModel(20, { head: 7, config });
    assert.equal(await logitsOf(files), own);
    const info = await inspectModel(memory(files));
    const untied = await inspectModel(
      memory(tinyModel(20, { head: 7, config: { tie_word_embeddings: false } })),
    );
    assert.equal(
      [info.config, info.memory, info.storedBytes],
      [untied.config, untied.memory, untied.storedBytes],
    );
    assert.match(info.notes.join(), /lm_head\.weight has other numbers than the token embedding/);
    assert.equal(untied.notes, []);
  }
});

test('the same numbers in another type are the same; numbers that are rounded are others', async () => {
  // Numbers that BF16 can represent, stored as F32.
  const rounded = tinyModel(20, { head: SAME });
  const { header, data } = split(rounded['model.safetensors'] as Uint8Array);
  const bytes = data.slice();
  for (let i = 0; i < bytes.length; i += 4) bytes.fill(0, i, i + 2);
  rounded['model.safetensors'] = join(header, bytes);
  const upper = (head: Uint8Array) => ({
    bytes: head.filter((_, i) => i % 4 >= 2),
    dtype: 'BF16',
  });
  const tied = async (files: Files) => (await inspectModel(memory(files))).config.tiedHead;
  assert.ok(await tied(editHead(rounded, upper)));
  assert.not(await tied(editHead(tinyModel(20, { head: SAME }), upper)));
});

test('a single other number anywhere in a large head counts, and in shards too', async () => {
  const V = 40_000;
  const large = tinyModel(V, { head: SAME });
  for (const at of [0, 4 * 8 * 20_000 + 2, 4 * 8 * V - 1]) {
    const files = editHead(large, (bytes) => ({ bytes: bytes.with(at, bytes[at]! ^ 64) }));
    const model = await loadModel(memory(files));
    assert.not(model.config.tiedHead, `byte ${at}`);
    model.dispose();
  }
  const model = await loadModel(memory(large));
  assert.ok(model.config.tiedHead);
  model.dispose();

  const { header, data } = split(tinyModel(20, { head: 7 })['model.safetensors'] as Uint8Array);
  const { 'lm_head.weight': head, ...others } = header;
  const [start, end] = head!.data_offsets;
  const sharded = {
    'config.json': tinyModel(20)['config.json']!,
    'a.safetensors': join(others, data.subarray(0, start)),
    'b.safetensors': join(
      { 'lm_head.weight': { ...head, data_offsets: [0, end - start] } },
      data.subarray(start, end),
    ),
    'model.safetensors.index.json': JSON.stringify({
      weight_map: {
        ...Object.fromEntries(Object.keys(others).map((name) => [name, 'a.safetensors'])),
        'lm_head.weight': 'b.safetensors',
      },
    }),
  };
  assert.equal(await logitsOf(sharded), await logitsOf(tinyModel(20, { head: 7 })));
});

test('a head of another shape is refused, as it is where it is not tied', async () => {
  const { header, data } = split(tinyModel(20)['model.safetensors'] as Uint8Array);
  const entry = { dtype: 'F32', shape: [21, 8], data_offsets: [data.length, data.length + 4 * 21 * 8] };
  const files = {
    ...tinyModel(20),
    'model.safetensors': join(
      { ...header, 'lm_head.weight': entry },
      Buffer.concat([data, new Uint8Array(4 * 21 * 8)]),
    ),
  };
  await thrown(() => loadModel(memory(files)), 'invalid-file', /lm_head\.weight.*\[21, 8\]/);
});

test('inspectModel reads the ends of the two alone, loadModel pieces of them', async () => {
  const source = memory(tinyModel(40_000, { head: SAME }));
  const reads: number[] = [];
  const counted: ModelSource = {
    ...source,
    read(path, start, end, ...rest) {
      if (path.endsWith('.safetensors')) reads.push(end - start);
      return source.read(path, start, end, ...rest);
    },
  };
  const weights = 4 * 8 * 40_000;
  const total = () => reads.reduce((sum, bytes) => sum + bytes);
  await inspectModel(counted);
  assert.ok(total() < 2 * weights);
  reads.length = 0;
  const model = await loadModel(counted);
  model.dispose();
  assert.ok(total() > 3 * weights);
  assert.ok(Math.max(...reads) <= 4 * 2 ** 20);
});

test('a GGUF file of such a model has the head', async () => {
  const files = tinyModel(20, { head: 7 });
  const { bytes } = await convertModel(memory(files), { weights: 'f16' }).then(async (file) => {
    const parts: Uint8Array[] = [];
    for await (const part of file.bytes()) parts.push(part.slice());
    return { bytes: Buffer.concat(parts) };
  });
  const gguf = await loadModel(memory({ 'model.gguf': new Uint8Array(bytes) }), { build: 'simd' });
  assert.not(gguf.config.tiedHead);
  const [got, wanted] = [await gguf.logits(IDS), await logitsOf(files)];
  assert.ok(got.every((value, i) => Math.abs(value - wanted[i]!) < 1e-3));
  gguf.dispose();
});

test.run();
