import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointFolder } from '../../support/checkpoints.js';
import { outcome, run, start } from '../run.js';

const BASE = checkpointFolder('base');

let folder = '';
test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
});
test.after.each(() => rm(folder, { recursive: true }));

test('a converted model generates what the folder does', async () => {
  const path = join(folder, 'stories.gguf');
  const { code, stdout, stderr } = await run([
    'convert',
    'tests/fixtures/stories-tiny',
    path,
    '--weights',
    'q8',
  ]);
  assert.is(code, 0, stderr);
  assert.is(stdout, '');
  assert.match(stderr, /stories\.gguf: 1\.11 MiB, q8 weights\n$/);
  assert.equal(await readdir(folder), ['stories.gguf']);
  const generate = (...args: string[]) =>
    run(['generate', '--build', 'simd', '--weights', 'q8', '--temperature', '0', '--quiet', ...args, 'Once']);
  assert.equal(await generate('--model', path), await generate('--model', 'tests/fixtures/stories-tiny'));
});

test('--json prints one object, and warnings go to stderr', async () => {
  const path = join(folder, 'base.gguf');
  const { code, stdout, stderr } = await run(['convert', BASE, path, '--weights', 'q4', '--json', '--quiet']);
  assert.is(code, 0, stderr);
  const { byteLength, warnings, ...rest } = JSON.parse(stdout);
  assert.equal(rest, { model: BASE, file: path, weights: 'q4' });
  assert.is(byteLength, (await readFile(path)).length);
  assert.is(warnings.length, 1);
  assert.is(stderr, `warning: ${warnings[0]}\n`);
  const { stdout: info } = await run(['info', '--json', path]);
  assert.is(JSON.parse(info).config.vocabSize, 97);
});

test('a folder that is written from another format generates what the model does', async () => {
  const llmc = 'tests/fixtures/llmc/v5/gpt2_tiny_bf16.bin';
  const path = join(folder, 'tiny');
  const { code, stdout, stderr } = await run(['convert', llmc, path, '--json', '--quiet']);
  assert.is(code, 0, stderr);
  const { byteLength, warnings, ...rest } = JSON.parse(stdout);
  assert.equal(rest, { model: llmc, folder: path });
  assert.is(warnings.length, 1);
  assert.match(warnings[0], /no tokenizer/);
  assert.equal((await readdir(path)).sort(), ['config.json', 'model.safetensors']);
  assert.ok(byteLength < (await readFile(join(path, 'model.safetensors'))).length);
  assert.is((await run(['convert', llmc, path])).code, 2);
});

test('a file that is there is replaced only with --force, also by its own conversion', async () => {
  const path = join(folder, 'base.gguf');
  await writeFile(path, 'mine');
  const { code, stderr } = await run(['convert', BASE, path, '--weights', 'f16']);
  assert.is(code, 2);
  assert.match(stderr, /base\.gguf exists already; --force overwrites it/);
  assert.is(await readFile(path, 'utf8'), 'mine');
  assert.is((await run(['convert', BASE, path, '--weights', 'f16', '--force'])).code, 0);
  const { length } = await readFile(path);
  assert.is((await run(['convert', path, path, '--weights', 'q8', '--force'])).code, 0);
  assert.ok((await readFile(path)).length < length);
  assert.equal(await readdir(folder), ['base.gguf']);
});

test('wrong use', async () => {
  const path = join(folder, 'base.gguf');
  await mkdir(join(folder, 'folder.gguf'));
  for (const [args, message] of [
    [[BASE, path], /--weights/],
    [[BASE, path, '--weights', 'f32'], /f16, q8, q4/],
    [[BASE, join(folder, 'base.bin'), '--weights', 'q8'], /base\.bin must end in \.gguf/],
    [[BASE, join(folder, 'folder.gguf'), '--weights', 'q8', '--force'], /folder\.gguf is a folder/],
    [[BASE, '--weights', 'q8'], /dst/],
    [[BASE, join(folder, 'new'), '--weights', 'q8'], /--weights is for \.gguf files/],
  ] as const) {
    const { code, stderr } = await run(['convert', ...args]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  }
  assert.equal(await readdir(folder), ['folder.gguf']);
});

test('a failed conversion says why and leaves nothing behind', async () => {
  const cut = join(folder, 'cut');
  await mkdir(cut);
  await writeFile(join(cut, 'config.json'), await readFile(join(BASE, 'config.json')));
  await writeFile(
    join(cut, 'model.safetensors'),
    (await readFile(join(BASE, 'model.safetensors'))).subarray(0, -1),
  );
  const path = join(folder, 'new.gguf');
  for (const [src, dst, message] of [
    [join(folder, 'nowhere'), path, /there is no folder/],
    [cut, path, /cut off/],
    [checkpointFolder('exact-gelu'), path, /activation gelu-erf; .* llama\.cpp would compute gelu-tanh/],
    [BASE, join(folder, 'no', 'new.gguf'), /new\.gguf cannot be written: ENOENT/],
  ] as const) {
    const { code, stderr } = await run(['convert', src, dst, '--weights', 'q8']);
    assert.is(code, 1, stderr);
    assert.match(stderr, message);
    assert.equal(await readdir(folder), ['cut']);
  }
});

/** Code for `--import`: sends the process a signal while it reads the weights. */
const INTERRUPT = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { open } = fs.promises;
  let opened = 0;
  fs.promises.open = async (path, ...rest) => {
    if (String(path).endsWith('.unfinished')) opened++;
    if (String(path).endsWith('.safetensors') && opened > 0) {
      process.kill(process.pid, 'SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return open(path, ...rest);
  };
  syncBuiltinESMExports();`)}`;

test('Ctrl-C leaves no part of a file behind', async () => {
  const path = join(folder, 'base.gguf');
  await writeFile(path, 'mine');
  const child = start(
    ['convert', BASE, path, '--weights', 'q8', '--force', '--quiet'],
    ['--import', INTERRUPT],
  );
  const { code, stdout, stderr } = await outcome(child);
  assert.is(code, 130, stderr);
  assert.is(stdout, '');
  assert.match(stderr, /\ninterrupted; .*base\.gguf was not written\n$/);
  assert.equal(await readdir(folder), ['base.gguf']);
  assert.is(await readFile(path, 'utf8'), 'mine');
});

test.run();
