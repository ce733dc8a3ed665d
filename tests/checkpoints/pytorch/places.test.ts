import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTorchDictionary } from '../../../src/checkpoints/pytorch/read_dictionary.js';
import { loadModel, loadTokenizer, type Source } from '../../../src/index.js';
import { inspectModel } from '../../../src/model/inspect_model.js';
import { REPO, withHub } from '../../files/hub/support.js';
import { serveFiles } from '../../support/file_server.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { StorageWriter, stateDict, tinyNumbers } from '../../support/torch_models.js';
import { zipFile } from '../../support/torch_writer.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/pytorch/', import.meta.url));

const filesOf = (name: string): Record<string, Uint8Array<ArrayBuffer>> =>
  Object.fromEntries(
    readdirSync(FIXTURES + name)
      .filter((file) => file !== 'expected.json')
      .map((file) => [file, new Uint8Array(readFileSync(`${FIXTURES}${name}/${file}`))]),
  );

async function logits(source: Source): Promise<Float32Array> {
  const model = await loadModel(source, { build: 'simd', threads: 1 });
  const found = await model.logits([1, 2, 3]);
  model.dispose();
  return found;
}

for (const name of ['zip-f32', 'views-zip', 'sharded-f32', 'nanogpt-char-compiled']) {
  test(`${name} opens from a folder, an address, the hub and files at hand`, async () => {
    const files = filesOf(name);
    const want = await logits(FIXTURES + name);
    assert.equal(await logits(files), want, 'files');
    const chosen = Object.entries(files).map(([path, bytes]) => new File([bytes], path));
    assert.equal(await logits(chosen), want, 'chosen files');
    const server = await serveFiles(FIXTURES);
    try {
      assert.equal(await logits(`${server.url}/${name}/`), want, 'an address');
    } finally {
      await server.close();
    }
    await withHub({ [REPO]: { files } }, async () => {
      assert.equal(await logits(REPO), want, 'the hub');
    });
  });
}

test('a file that is given alone is read with those beside it', async () => {
  const server = await serveFiles(FIXTURES);
  try {
    for (const [folder, file] of [
      ['zip-f32', 'pytorch_model.bin'],
      ['checkpoint-zip', 'checkpoint.pt'],
      ['nanogpt-bias', 'ckpt.pt'],
    ] as const) {
      const want = await logits(FIXTURES + folder);
      assert.equal(await logits(join(FIXTURES, folder, file)), want, 'a path');
      assert.equal(await logits(`${server.url}/${folder}/${file}`), want, 'an address');
    }
  } finally {
    await server.close();
  }
});

test('opening a file at an address takes a few requests, however many tensors it has', async () => {
  const server = await serveFiles(FIXTURES);
  try {
    await inspectModel(`${server.url}/masks-bool/pytorch_model.bin`);
    const asked = server.requests.filter((request) => /pytorch_model\.bin bytes/.test(request));
    assert.ok(asked.length > 0 && asked.length <= 6, asked.join('\n'));
  } finally {
    await server.close();
  }
});

test('what a model is can be read without its weights', async () => {
  const { config, format } = await inspectModel(`${FIXTURES}nanogpt-bias`);
  assert.is(format, 'PyTorch, of nanoGPT');
  assert.is(config.activation, 'gelu-erf');
  assert.is(config.contextLength, 64);
  assert.is((await inspectModel(`${FIXTURES}zip-f32`)).format, 'PyTorch');
});

test('a nanoGPT without characters says how it gets a tokenizer, and works with ids', async () => {
  const model = await loadModel(`${FIXTURES}nanogpt-bias`, { build: 'simd', threads: 1 });
  const words = [/no tokenizer/, /meta\.pkl/, /loadTokenizer\('openai-community\/gpt2'\)/];
  await thrown(() => model.generate('text'), 'not-found', ...words);
  await thrown(() => loadTokenizer(`${FIXTURES}nanogpt-bias`), 'not-found', ...words);
  model.dispose();
});

test('the tensors of a dictionary are read under their own names', async () => {
  const numbers = new Map([...tinyNumbers()].slice(0, 4));
  const bytes = zipFile(stateDict(numbers, new StorageWriter('s'), () => 'columns'));
  const source = memorySource('memory', { 'adapter_model.bin': bytes });
  const [file] = await source.list();
  const { source: gathered, tensors } = await readTorchDictionary(source, file!, undefined);
  assert.equal(
    tensors.map(({ name }) => name),
    [...numbers.keys()],
  );
  for (const { name, start, end } of tensors) {
    const read = Uint8Array.from(await gathered.read('adapter_model.bin', start, end));
    assert.equal([...new Float32Array(read.buffer)], numbers.get(name)!.values, name);
  }
});

test.run();
