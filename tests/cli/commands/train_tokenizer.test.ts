import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { loadTokenizer } from '../../../src/model/load_model.js';
import { trainTokenizer } from '../../../src/tokenizer/train/train_tokenizer.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-train-tokenizer-'));
const data = join(folder, 'data.txt');
const lines = join(folder, 'data.jsonl');
const STORY = 'The cat saw the other cat. They sat.';
writeFileSync(data, `${STORY}\n<|endoftext|>\nThe end.\n`);
writeFileSync(lines, '{"prompt":"Who sat?","completion":" They sat."}\n');

test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a trained tokenizer is written and loads', async () => {
  const out = join(folder, 'tokenizer');
  const { code, stdout, stderr } = await run([
    'train-tokenizer',
    data,
    lines,
    '--vocab-size',
    '262',
    '--out',
    out,
  ]);
  assert.is(code, 0, stderr);
  assert.is(stdout, '');
  assert.match(stderr, '262 tokens from 3 documents');
  assert.equal(readdirSync(out).sort(), [
    'merges.txt',
    'tokenizer.json',
    'tokenizer_config.json',
    'vocab.json',
  ]);
  const trained = await trainTokenizer([STORY, 'The end.', 'Who sat?', ' They sat.'], { vocabSize: 262 });
  assert.equal((await loadTokenizer(await folderSource(out))).files(), trained.files());
});

test('data that give fewer tokens are said to', async () => {
  const out = join(folder, 'few');
  const { code, stderr } = await run(['train-tokenizer', data, '--vocab-size', '5000', '--out', out]);
  assert.is(code, 0, stderr);
  assert.match(stderr, 'fewer than 5000');
});

test('a folder that cannot be written is refused before the data are read', async () => {
  const damaged = join(folder, 'damaged.txt');
  writeFileSync(damaged, Uint8Array.of(0xff, 0xfe));
  const { code, stderr } = await run(['train-tokenizer', damaged, '--vocab-size', '262', '--out', data]);
  assert.is(code, 1, stderr);
  assert.match(stderr, `${data} cannot be written`);
});

test('wrong use writes nothing', async () => {
  const out = join(folder, 'none');
  for (const [args, code, words] of [
    [[data, '--vocab-size', '100', '--out', out], 2, '--vocab-size is 100'],
    [[data, '--vocab-size', 'many', '--out', out], 2, 'must be a number'],
    [[data, '--out', out], 2, '--vocab-size'],
    [[data, '--vocab-size', '300'], 2, '--out'],
    [[join(folder, 'absent'), '--vocab-size', '300', '--out', out], 1, 'absent'],
    [[data, '--vocab-size', '300', '--min-frequency', '0', '--out', out], 2, '--min-frequency is 0'],
  ] as const) {
    const outcome = await run(['train-tokenizer', ...args]);
    assert.is(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, words);
    assert.not.ok(existsSync(out));
  }
});

test.run();
