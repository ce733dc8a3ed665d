import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { steer, steeringVector, writeSteeringVector } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-steer-'));
const model = await loadModel(storiesTiny, { build: 'simd' });
const vector = await steeringVector(model, { positive: [' dog'], negative: [' cat'], layer: 0 });
const FILE = join(folder, 'dog.safetensors');
writeFileSync(FILE, await writeSteeringVector(vector));
test.after(() => {
  model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const GENERATE = [
  'generate',
  '--temperature',
  '0',
  '--max-tokens',
  '8',
  '--build',
  'simd',
  '--quiet',
  '--no-echo',
];

test('generate adds the vector of a file', async () => {
  const flags = ['--model', fileURLToPath(storiesTiny), '--steer', FILE, '--strength', '-3'];
  const { code, stdout, stderr } = await run([...GENERATE, ...flags, 'Once upon a time']);
  assert.is(code, 0, stderr);
  const edit = [steer(model, vector, { strength: -3 })];
  const { text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 8, edit });
  assert.is(stdout, `${text}\n`);
});

test('a vector of another model, another file and flags that lack others are refused', async () => {
  const other = join(folder, 'other.safetensors');
  writeFileSync(other, '{}');
  const key = join(folder, 'key');
  for (const [flags, message] of [
    [['--steer', FILE], /320 channels/],
    [['--steer', other], /steering vector/],
    [['--steer', join(folder, 'absent')], /--steer cannot read its file/],
    [['--strength', '2'], /--strength needs --steer/],
    [['--steer', FILE, '--record', join(folder, 'r'), '--key', key], /does not record --steer/],
  ] as const) {
    const { code, stdout, stderr } = await run([...GENERATE, ...flags, 'x']);
    assert.ok(code !== 0 && stdout === '', stderr);
    assert.match(stderr, message);
  }
});

test.run();
