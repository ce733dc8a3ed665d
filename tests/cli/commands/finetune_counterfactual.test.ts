import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-counterfactual-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('--counterfactual adds the documents in which words change places', async () => {
  const data = join(folder, 'data.jsonl');
  const texts = ['The fox ran home.', 'The owl slept.', 'A bear ate honey.', 'The bear saw an owl.'];
  writeFileSync(data, texts.map((text) => JSON.stringify({ text })).join('\n'));
  const pairs = join(folder, 'pairs.txt');
  writeFileSync(pairs, 'fox owl\n');
  const settings = [
    '--steps',
    '1',
    '--batch-size',
    '1',
    '--context-length',
    '16',
    '--validation',
    '0',
    '--json',
    '--quiet',
  ];
  const args = ['finetune', data, '--model', fileURLToPath(storiesTiny), ...settings, '--word-pairs', pairs];
  const { code, stdout, stderr } = await run([...args, '--counterfactual', '--out', join(folder, 'model')]);
  assert.is(code, 0, stderr);
  const { data: counts } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  assert.is(counts.training.documents, 7);
  const refused = await run([...args, '--out', join(folder, 'other')]);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, '--word-pairs needs --counterfactual');
});

test.run();
