import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outcome, run, start } from '../run.js';

const MODEL = ['--model', 'tests/fixtures/stories-tiny'];
const STORY =
  'Once upon a time, there was a little girl named Lily. She had a "cat".\r\n\0\ufeff\u00e9\u4e2d';

let folder = '';
test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
});
test.after.each(() => rm(folder, { recursive: true }));

test('a file is compressed beside itself and restored, to a file and to stdout', async () => {
  const path = join(folder, 'story.txt');
  await writeFile(path, STORY);
  const { code, stdout, stderr } = await run(['compress', path, ...MODEL, '--json']);
  assert.is(code, 0, stderr);
  const { length } = await readFile(`${path}.g2wz`);
  const bytes = Buffer.byteLength(STORY);
  const bitsPerByte = (8 * length) / bytes;
  assert.equal(JSON.parse(stdout), {
    file: path,
    out: `${path}.g2wz`,
    bytes,
    compressed: length,
    bitsPerByte,
  });
  assert.match(stderr, /story\.txt\.g2wz: 8\d bytes, compressed \d+ bytes, [\d.]+ bits a byte\n$/);
  assert.equal((await readdir(folder)).sort(), ['story.txt', 'story.txt.g2wz']);

  const refused = await run(['decompress', `${path}.g2wz`, ...MODEL]);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /story\.txt exists already; --force overwrites it/);
  await writeFile(path, 'other');
  const restored = await run(['decompress', `${path}.g2wz`, '--force', '--quiet', ...MODEL]);
  assert.equal(restored, { code: 0, stdout: '', stderr: '' });
  assert.is(await readFile(path, 'utf8'), STORY);
  const piped = await run(
    ['decompress', '-', '--threads', '2', '--quiet', ...MODEL],
    await readFile(`${path}.g2wz`),
  );
  assert.equal(piped, { code: 0, stdout: STORY, stderr: '' });
});

test('stdin is compressed to the file that --out names; what does not fit is refused with its reason', async () => {
  const out = join(folder, 'small');
  const { code, stderr } = await run(['compress', '-', '-o', out, ...MODEL], STORY);
  assert.is(code, 0, stderr);
  for (const [args, status, message] of [
    [['decompress', out, ...MODEL], 2, /does not end in \.g2wz; name the new file with --out/],
    [['decompress', out, '-o', '-', '--json', ...MODEL], 2, /--json needs --out/],
    [['decompress', out, '-o', `${out}.txt`], 1, /a context of 256 tokens, and this model has 512/],
    [
      ['decompress', out, '-o', `${out}.txt`, '--weights', 'q8', ...MODEL],
      1,
      /weights in f32, and this model has q8/,
    ],
    [['compress', join(folder, 'none'), ...MODEL], 1, /none cannot be read/],
  ] as const) {
    const failed = await run(args);
    assert.is(failed.code, status, failed.stderr);
    assert.match(failed.stderr, message);
  }
  assert.equal(await readdir(folder), ['small']);
});

test('Ctrl-C ends the work, and leaves no file', async () => {
  const path = join(folder, 'long.txt');
  await writeFile(path, 'Once upon a time there was a cat. '.repeat(30_000));
  const child = start(['compress', path, ...MODEL]);
  child.stderr.on('data', (text) => {
    if (/compressing/.test(String(text))) child.kill('SIGINT');
  });
  const { code, stderr } = await outcome(child);
  assert.is(code, 130);
  assert.match(stderr, /interrupted; .*long\.txt\.g2wz was not written\n$/);
  assert.equal(await readdir(folder), ['long.txt']);
});

test.run();
