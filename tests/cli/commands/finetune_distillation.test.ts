import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomFiles } from '../../support/random_core.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { STORIES } from '../../train/tiny.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-distillation-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const data = join(folder, 'data.txt');
writeFileSync(data, STORIES.join('\n<|endoftext|>\n'));
const config = join(folder, 'config.json');
writeFileSync(
  config,
  JSON.stringify({ model_type: 'gpt2', n_positions: 24, n_embd: 16, n_layer: 1, n_head: 2 }),
);
const TEACHER = fileURLToPath(storiesTiny);

test('a model from scratch learns from two teachers and their texts, counted in the report', async () => {
  const { code, stdout, stderr } = await run([
    ...['pretrain', data, '--config', config, '--tokenizer', TEACHER, '--out', join(folder, 'out')],
    ...['--teacher', TEACHER, '--teacher', TEACHER, '--hard-share', '0.5', '--teacher-texts', '3'],
    ...['--steps', '2', '--batch-size', '1', '--threads', '1', '--json'],
  ]);
  assert.is(code, 0, stderr);
  const { written } = JSON.parse(stdout.trim().split('\n').at(-1)!).data;
  assert.is(written.documents, 3);
  const tokens = written.tokens.toLocaleString('en-US');
  assert.match(stderr, `to learn from: 41 documents, `);
  assert.match(stderr, `, of which teachers wrote 3 documents, ${tokens} tokens; held out: 2 documents, `);
});

test('teachers that do not fit are refused, in the words of the command line', async () => {
  const other = join(folder, 'other');
  mkdirSync(other);
  for (const [name, bytes] of Object.entries(await randomFiles({ contextLength: 8 }))) {
    writeFileSync(join(other, name), bytes);
  }
  const finetune = ['finetune', data, '--model', TEACHER, '--out', join(folder, 'refused')];
  for (const [args, words] of [
    [
      ['--teacher', other],
      /other has a context of 8 tokens, and a row 256; set --context-length to 8 or less/,
    ],
    [['--teacher', other, '--hard-share', '1'], /--hard-share is 1/],
    [['--teacher-texts', '2'], /--teacher-texts needs teachers/],
    [['--task', 'classify', '--teacher', other], /--teacher does not apply to --task classify/],
  ] as const) {
    const { code, stderr } = await run([...finetune, ...args]);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
  }
});

test.run();
