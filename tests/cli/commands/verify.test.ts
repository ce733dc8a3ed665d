import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../run.js';

const MODEL = ['--model', 'tests/fixtures/stories-tiny'];

let folder = '';
test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
});
test.after.each(() => rm(folder, { recursive: true }));

test('a generation is recorded with a new key, and verified with its text', async () => {
  const [key, record, text] = ['key.json', 'record.json', 'text.txt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const made = await run(['verify', '--new-key', key, '--json']);
  assert.is(made.code, 0, made.stderr);
  const { publicKey } = JSON.parse(made.stdout);
  assert.match(made.stderr, new RegExp(`to be kept secret; its public key is ${publicKey}\n$`));
  assert.is(JSON.parse(await readFile(key, 'utf8')).x, publicKey);
  if (process.platform !== 'win32') assert.is((await stat(key)).mode & 0o777, 0o600);

  const options = [
    '--weights',
    'q8',
    '--context-length',
    '90',
    '--max-tokens',
    '9',
    '--logit-bias',
    '262=-1.5',
  ];
  const generated = await run([
    ...['generate', 'Once upon', ...MODEL, ...options, '--no-echo', '--record', record, '--key', key],
  ]);
  assert.is(generated.code, 0, generated.stderr);
  await writeFile(text, generated.stdout);
  const verified = await run([
    'verify',
    record,
    ...MODEL,
    '--text',
    text,
    '--public-key',
    publicKey,
    '--quiet',
  ]);
  assert.is(verified.code, 0, verified.stderr);
  assert.match(verified.stdout, /^signature {2}valid, by .*, as expected, dated 2/);
  assert.match(
    verified.stdout,
    /\nmodel {6}the same\ncomputed {3}the same bits again\ntext {7}the one.*\nverified\n$/,
  );

  const changed = JSON.parse(await readFile(record, 'utf8'));
  changed.prompt = 'Twice upon';
  const refused = await run(['verify', '-', ...MODEL, '--json', '--quiet'], JSON.stringify(changed));
  assert.is(refused.code, 1);
  const { isValid, signature, recomputed } = JSON.parse(refused.stdout);
  assert.equal([isValid, signature, recomputed], [false, false, undefined]);

  const again = await run(['generate', 'Once', ...MODEL, '--record', record, '--key', key]);
  assert.is(again.code, 2);
  assert.match(again.stderr, /record\.json exists already/);
  assert.equal((await readdir(folder)).sort(), ['key.json', 'record.json', 'text.txt']);
});

test('wrong use', async () => {
  const record = join(folder, 'record.json');
  await writeFile(record, '{"type": 5}');
  for (const [args, status, message] of [
    [['verify'], 2, /give either a record or --new-key/],
    [['verify', record, '--new-key', record], 2, /give either a record or --new-key/],
    [['verify', '--new-key', record], 2, /exists already/],
    [['verify', record, ...MODEL], 1, /record\.json: the record .*it is something else/],
    [
      ['generate', 'Once', ...MODEL, '--record', join(folder, 'new')],
      2,
      /--record and --key need each other/,
    ],
    [['generate', 'Once', ...MODEL, '--record', join(folder, 'new'), '--key', record], 2, /key must be what/],
  ] as const) {
    const { code, stderr } = await run(args);
    assert.is(code, status, stderr);
    assert.match(stderr, message);
  }
  assert.equal(await readdir(folder), ['record.json']);
});

test.run();
