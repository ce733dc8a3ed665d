import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-finetune-preference-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const MODEL = ['--model', fileURLToPath(storiesTiny)];
const RUN = ['--validation', '0.25', '--batch-size', '2', '--context-length', '24', '--build', 'simd'];
const pairs = ['dog', 'cat', 'fox', 'owl'].map((animal) => ({
  ...{ prompt: `The ${animal}`, chosen: ' was happy.', rejected: ' was very, very sad.' },
}));

test('finetune --task preference trains an adapter; figures before and after are printed', async () => {
  const data = join(folder, 'pairs.jsonl');
  const judged = { prompt: 'A', completion: ' dog.', label: false };
  writeFileSync(data, [...pairs, judged].map((line) => JSON.stringify(line)).join('\n'));
  const out = join(folder, 'adapter');
  const { code, stdout, stderr } = await run([
    ...['finetune', '--task', 'preference', data, ...MODEL, ...RUN, '--lora', '--rank', '2', '--out', out],
    ...['--loss', 'kto', '--beta', '0.2', '--undesirable-weight', '1.5', '--steps', '3', '--json'],
    ...['--learning-rate', '0.02'],
  ]);
  assert.is(code, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = lines.pop();
  assert.equal(
    lines.map(({ step }) => step),
    [1, 2, 3],
  );
  assert.equal([last.steps, last.before.loss, last.before.examples], [3, 0.625, last.heldOut.examples]);
  assert.is(lines.at(-1).validationLoss, last.heldOut.loss);
  assert.match(stderr, 'read 5 preferences');
  assert.match(stderr, /trained for 3 steps in .*; of \d held-out preferences: /);
  assert.equal(readdirSync(out).sort(), ['adapter_config.json', 'adapter_model.safetensors', 'loss.svg']);
});

test('finetune --task reward trains a head from a table, which opens with reward', async () => {
  const data = join(folder, 'pairs.csv');
  const rows = pairs.map(({ prompt, chosen, rejected }) => `${prompt},${chosen},"${rejected}"`);
  writeFileSync(data, ['prompt,chosen,rejected', ...rows, ''].join('\n'));
  const out = join(folder, 'judge');
  const { code, stdout, stderr } = await run([
    ...['finetune', '--task', 'reward', data, ...MODEL, ...RUN, '--steps', '2', '--out', out, '--json'],
    '--quiet',
  ]);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  const { steps, before, heldOut } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  assert.equal([steps, before.examples, heldOut.examples], [2, 1, 1]);
  const model = await loadModel(out, { build: 'simd' });
  assert.type(await model.reward({ prompt: 'The dog', answer: ' was happy.' }), 'number');
  model.dispose();
});

test('a flag of another task is refused', async () => {
  const { code, stderr } = await run(['finetune', 'x.jsonl', ...MODEL, '--out', folder, '--beta', '1']);
  assert.is(code, 2, stderr);
  assert.match(stderr, '--beta does not apply to --task text');
});

test.run();
