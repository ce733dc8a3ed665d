import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type ModelFiles, type Source } from '../../src/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { modelMetadata, modelTensors } from '../checkpoints/gguf/models.js';
import { writeGguf } from '../checkpoints/gguf/writer.js';
import { checkpointFolder, expectedOf } from '../support/checkpoints.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from '../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);

const FOLDER = checkpointFolder('base');
const BYTES = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [name, new Uint8Array(readFileSync(join(FOLDER, name)))]),
);

async function logits(source: Source): Promise<Float32Array> {
  const model = await loadModel(source, { build: 'simd' });
  const values = await model.logits(expectedOf('base').input_ids);
  model.dispose();
  return values;
}

const mapped = <T>(map: (bytes: Uint8Array<ArrayBuffer>, name: string) => T) =>
  Object.fromEntries(Object.entries(BYTES).map(([name, bytes]) => [name, map(bytes, name)]));

/** Files as a page gets them from a chosen folder: each path begins with the name of the folder. */
function chosen(folder: string): File[] {
  return Object.entries(BYTES).map(([name, bytes]) => {
    const file = new File([bytes], name);
    return Object.defineProperty(file, 'webkitRelativePath', { value: folder && `${folder}/${name}` });
  });
}

test('a model loads from files and bytes', async () => {
  const expected = await logits(FOLDER);
  const forms: ModelFiles[] = [
    BYTES,
    mapped((bytes) => bytes.slice().buffer),
    mapped((bytes) => new Blob([bytes])),
    chosen(''),
    chosen('some folder'),
  ];
  for (const files of forms) assert.equal(await logits(files), expected);
});

test('a single .gguf file is a model, also without a name', async () => {
  const bytes = new Uint8Array(writeGguf({ metadata: modelMetadata('base'), tensors: modelTensors('base') }));
  const expected = await logits({ 'other.gguf': bytes });
  for (const file of [bytes, bytes.buffer, new Blob([bytes]), new File([bytes], 'a.gguf')]) {
    assert.equal(await logits(file), expected);
  }
});

/** A value of another realm, such as that of a test runner or a frame. */
const foreign = <T>(code: string, values: object = {}): T => runInNewContext(code, values);

test('bytes may be any view of any realm, and of shared memory', async () => {
  const expected = await logits(FOLDER);
  const shared = (bytes: Uint8Array) => {
    const memory = new Uint8Array(new SharedArrayBuffer(bytes.length));
    memory.set(bytes);
    return memory;
  };
  /** The bytes inside a larger buffer. */
  const within = (bytes: Uint8Array) => {
    const larger = new Uint8Array(bytes.length + 16).fill(7);
    larger.set(bytes, 8);
    return larger.buffer;
  };
  const forms: ModelFiles[] = [
    mapped(({ buffer }) => new Int8Array(buffer)),
    mapped((bytes) => new DataView(within(bytes), 8, bytes.length)),
    mapped((bytes) => new Uint8ClampedArray(within(bytes), 8, bytes.length)),
    mapped((bytes) => shared(bytes)),
    mapped((bytes) => shared(bytes).buffer as unknown as ArrayBuffer),
    mapped((bytes) => foreign<Uint8Array>('Uint8Array.from(bytes)', { bytes })),
    mapped((bytes) => foreign<ArrayBuffer>('Uint8Array.from(bytes).buffer', { bytes })),
    mapped((bytes) => foreign<DataView>('new DataView(Uint8Array.from(bytes).buffer)', { bytes })),
    foreign<Record<string, Uint8Array>>('({ ...files })', { files: BYTES }),
  ];
  for (const files of forms) {
    assert.equal(await logits(files), expected);
    const { worker } = fakeWorker();
    const copies = Object.fromEntries(
      Object.entries(files as Record<string, Uint8Array>).map(([name, bytes]) => [
        name,
        structuredClone(bytes),
      ]),
    );
    const model = await createWorkerModel(copies, { worker, build: 'simd' });
    assert.equal(await model.logits(expectedOf('base').input_ids), expected);
    model.dispose();
  }
});

test('addresses and modules may be of another realm', async () => {
  const expected = await logits(FOLDER);
  const url = pathToFileURL(`${FOLDER}/`);
  // A URL of another realm is recognized by its tag and its text.
  const address = { href: url.href, toString: () => url.href, [Symbol.toStringTag]: 'URL' };
  assert.equal(await logits(address as unknown as URL), expected);
  const bytes = readFileSync(new URL('../../build/wasm/simd.wasm', import.meta.url));
  const module = foreign<WebAssembly.Module>('new WebAssembly.Module(bytes)', { bytes });
  const model = await loadModel(FOLDER, { module });
  assert.equal(await model.logits(expectedOf('base').input_ids), expected);
  assert.is(model.runtime.build, 'simd');
  model.dispose();
});

test('bytes that are no model are refused at once, however many they are', async () => {
  for (const bytes of [new Int8Array(5e7), new DataView(new ArrayBuffer(5e7)), new Float64Array(5e6)]) {
    await thrown(() => loadModel(bytes), 'invalid-file');
    await thrown(() => loadModel({ 'config.json': bytes, 'model.safetensors': bytes }), 'invalid-file');
  }
  await thrown(() => loadModel(new Array(2 ** 32 - 1) as File[]), 'invalid-option');
});

test('bytes that were moved to a worker are refused as that', async () => {
  const bytes = new Uint8Array(100);
  const view = new DataView(bytes.buffer);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  for (const moved of [bytes, view, bytes.buffer]) {
    await thrown(() => loadModel(moved), 'invalid-option', /moved to a worker before/);
  }
});

test('files that are no model are refused', async () => {
  await thrown(() => loadModel({}), 'invalid-option');
  await thrown(() => loadModel([]), 'not-found');
  await thrown(() => loadModel({ 'config.json': 'text' } as never), 'invalid-option');
  await thrown(() => loadModel([new Blob()] as never), 'invalid-option');
  await thrown(() => loadModel(new Uint8Array(100)), 'invalid-file');
  await thrown(() => loadModel({ 'config.json': BYTES['config.json']! }), 'not-found', /given|config\.json/);
});

test.run();
