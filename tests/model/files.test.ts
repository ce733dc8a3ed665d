import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type ModelFiles, type Source } from '../../src/index.js';
import { modelMetadata, modelTensors } from '../gguf/models.js';
import { writeGguf } from '../gguf/writer.js';
import { checkpointFolder, expectedOf } from '../support/checkpoints.js';
import { thrown } from '../support/thrown.js';

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

/** Files as a page has them of a chosen folder, with the folder's own name before each path. */
function chosen(folder: string): File[] {
  return Object.entries(BYTES).map(([name, bytes]) => {
    const file = new File([bytes], name);
    return Object.defineProperty(file, 'webkitRelativePath', { value: folder && `${folder}/${name}` });
  });
}

test('a model loads from files at hand', async () => {
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

test('a .gguf file is a model of its own, also without a name', async () => {
  const bytes = new Uint8Array(writeGguf({ metadata: modelMetadata('base'), tensors: modelTensors('base') }));
  const expected = await logits({ 'other.gguf': bytes });
  for (const file of [bytes, bytes.buffer, new Blob([bytes]), new File([bytes], 'a.gguf')]) {
    assert.equal(await logits(file), expected);
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
