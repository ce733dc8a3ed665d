import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { wantedFiles } from '../../../src/checkpoints/registry.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { CHECKPOINTS, rejects } from '../../checkpoints/support.js';

const BASE = join(CHECKPOINTS, 'base');
let folder = '';

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
  await mkdir(join(folder, 'onnx', 'deep'), { recursive: true });
  await writeFile(join(folder, 'config.json'), '{}');
  await writeFile(join(folder, 'onnx', 'model.onnx'), '12345');
  await writeFile(join(folder, 'onnx', 'deep', 'x.bin'), '');
  await symlink(join(BASE, 'model.safetensors'), join(folder, 'model.safetensors'));
  await symlink(join(folder, 'gone'), join(folder, 'broken'));
});
test.after(() => rm(folder, { recursive: true }));

test('lists the files of a folder and of those directly below, through symbolic links', async () => {
  const source = await folderSource(folder);
  assert.is(source.name, folder);
  assert.equal(await source.list(), [
    { path: 'config.json', byteLength: 2 },
    { path: 'model.safetensors', byteLength: 176904 },
    { path: 'onnx/model.onnx', byteLength: 5 },
  ]);
});

test('opens and loads a real folder', async () => {
  for (const path of [BASE, `${BASE}/`, pathToFileURL(BASE), pathToFileURL(BASE).href]) {
    const checkpoint = await openCheckpoint(await folderSource(path));
    let packed = 0;
    await loadWeights(checkpoint, {
      takesBlocks: () => false,
      pack: (_parameter, _firstRow, _rowCount, bytes) => {
        packed += bytes.length;
      },
    });
    assert.is(packed, checkpoint.totalBytes);
  }
});

test('reads ranges, shorter where the file ends', async () => {
  const source = await folderSource(BASE);
  const file = await readFile(join(BASE, 'model.safetensors'));
  assert.equal(await source.read('model.safetensors', 5, 1000), new Uint8Array(file.subarray(5, 1000)));
  assert.equal(await source.read('model.safetensors', 176900, 177000), new Uint8Array(file.subarray(176900)));
  assert.is((await source.read('model.safetensors', 200000, 200010)).length, 0);
});

test('reads into memory that it is given', async () => {
  const source = await folderSource(BASE);
  const into = new Uint8Array(2000);
  const bytes = await source.read('model.safetensors', 5, 1000, undefined, into);
  assert.is(bytes.buffer, into.buffer);
  const file = await readFile(join(BASE, 'model.safetensors'));
  assert.equal(new Uint8Array(bytes), new Uint8Array(file.subarray(5, 1000)));
});

test('a folder that is not there', async () => {
  const wanted = wantedFiles('model');
  await rejects(folderSource(join(folder, 'no-model'), { wanted }), 'not-found', /no-model/, /config\.json/);
  await rejects(folderSource(join(folder, 'config.json', 'x')), 'not-found', /no folder/);
});

test('a file instead of its folder is that file alone', async () => {
  const source = await folderSource(join(BASE, 'model.safetensors'));
  assert.equal(
    (await source.list()).map(({ path }) => path),
    ['model.safetensors'],
  );
  await rejects(openCheckpoint(source), 'not-found', /no config\.json/, /give the folder/);
});

test('a file that is gone when it is read', async () => {
  const source = await folderSource(BASE);
  await rejects(source.read('vocab.json', 0, 10), 'not-found', /vocab\.json cannot be read/);
});

test('a folder that is gone when it is listed', async () => {
  const gone = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
  const source = await folderSource(gone);
  await rm(gone, { recursive: true });
  await rejects(source.list(), 'not-found', /cannot be read/);
});

test('what is no path on this machine', async () => {
  for (const value of [
    'https://example.org/gpt2',
    new URL('https://example.org/gpt2'),
    '',
    'a\0b',
    7,
    undefined,
  ]) {
    await rejects(folderSource(value as string), 'invalid-option', /give its path or a file: URL/);
  }
});

test('aborted signals', async () => {
  const source = await folderSource(BASE);
  await rejects(source.list(AbortSignal.abort()), 'aborted');
  await rejects(source.read('config.json', 0, 2, AbortSignal.abort()), 'aborted');
});

test('no file stays open, also after a failure', async () => {
  const source = await folderSource(BASE);
  // A new handle gets the lowest free number, so the number grows with every handle that stays open.
  const nextDescriptor = async () => {
    const handle = await open(join(BASE, 'config.json'));
    const { fd } = handle;
    await handle.close();
    return fd;
  };
  const before = await nextDescriptor();
  for (let i = 0; i < 20; i++) {
    await source.read('config.json', 0, 10);
    await source.read('config.json', 0, 10, AbortSignal.abort()).catch(() => {});
    await openCheckpoint(source).then((checkpoint) =>
      loadWeights(checkpoint, {
        takesBlocks: () => false,
        pack() {
          throw new Error('full');
        },
      }).catch(() => {}),
    );
  }
  assert.is(await nextDescriptor(), before);
});

test.run();
