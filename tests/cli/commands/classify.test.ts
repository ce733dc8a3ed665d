import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge, taskOf } from '../../../src/cli/classifying/tasks.js';
import { loadModel } from '../../../src/index.js';
import { storiesWithHeads } from '../../support/heads.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { run } from '../run.js';

const CHANNELS = 128;
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-classify-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const files = storiesWithHeads({ 'score.weight': [3, CHANNELS] }, { id2label: { 0: 'a', 1: 'b', 2: 'c' } });
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
const MODEL = ['--model', folder, '--build', 'simd', '--quiet'];
const TEXTS = ['Once upon a time', 'A dog saw a cat.'];

test('texts and lines of stdin have the labels of the library', async () => {
  const model = await loadModel(folder, { build: 'simd' });
  const expected = await model.classify(TEXTS);
  model.dispose();
  const json = await run(['classify', ...MODEL, '--json'], `${TEXTS.join('\n')}\n`);
  assert.is(json.code, 0, json.stderr);
  const objects = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const [i, { text, task, line, labels, logits }] of objects.entries()) {
    assert.equal([text, task, line], [TEXTS[i], 'classify', i + 1]);
    assert.equal(
      labels,
      [...expected[i]!.scores].sort((a, b) => b.score - a.score),
    );
    assert.equal(logits, [...expected[i]!.logits]);
  }
  const rows = await run(['classify', ...MODEL, '--top', '2', ...TEXTS]);
  const lines = rows.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
  assert.is(lines.length, 4, rows.stderr);
  assert.equal(lines[0]!.slice(0, 2), [expected[0]!.label, expected[0]!.score.toFixed(4)]);
  assert.match(lines[2]![2]!, 'argument:2  A dog saw');
});

test('each head has its task and rows; a model without one is refused with advice', async () => {
  const options = { top: 2, question: 'Who?', signal: new AbortController().signal };
  const heads = {
    tag: { 'classifier.weight': [2, CHANNELS], 'classifier.bias': [2] },
    answer: { 'qa_outputs.weight': [2, CHANNELS], 'qa_outputs.bias': [2] },
    reward: { 'v_head.summary.weight': [1, CHANNELS], 'v_head.summary.bias': [1] },
  } as const;
  for (const [task, shapes] of Object.entries(heads)) {
    const model = await loadModel(storiesWithHeads(shapes), { build: 'simd' });
    assert.is(taskOf(model), task);
    const { rows, json } = await judge(model, taskOf(model), TEXTS[1]!, options);
    assert.ok(rows.length > 0 && rows.every((row) => /\d\.\d{4}/.test(row)), task);
    assert.ok(Object.keys(json).length > 0);
    model.dispose();
  }
  const plain = await loadModel(storiesTiny, { build: 'simd' });
  await thrown(async () => taskOf(plain), 'unsupported', 'gpt2-wasm task');
  plain.dispose();
});

test('finetune --task classify learns from a table; the model opens with classify', async () => {
  const data = join(folder, 'texts.csv');
  const rows = ['cat', 'dog', 'bird'].flatMap((word) => [
    `"I see, a ${word}",animal`,
    `Eat the cake with ${word},food`,
  ]);
  writeFileSync(data, ['text,label', ...rows, ''].join('\n'));
  const out = join(folder, 'trained');
  const trained = await run([
    ...['finetune', '--task', 'classify', data, '--model', fileURLToPath(storiesTiny), '--out', out],
    ...['--steps', '2', '--validation', '0.4', '--build', 'simd', '--json', '--quiet'],
  ]);
  assert.is(trained.code, 0, trained.stderr);
  const last = JSON.parse(trained.stdout.trim().split('\n').at(-1)!);
  assert.equal([last.labels, last.heldOut.texts, last.steps], [['animal', 'food'], 2, 2]);
  const model = await loadModel(out, { build: 'simd' });
  assert.equal(
    (await model.classify('A cat')).scores.map(({ label }) => label),
    ['animal', 'food'],
  );
  model.dispose();
});

test.run();
