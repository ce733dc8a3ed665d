import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTask } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const MODEL = ['--model', fileURLToPath(storiesTiny), '--build', 'simd'];
const FILE = JSON.stringify({
  instruction: 'How was it?',
  choices: { good: 'happy', bad: 'sad' },
  query: '{input} It was {label}',
  separator: '\n',
  examples: [
    { input: 'Tom smiled.', label: 'good' },
    { input: 'Lily cried.', label: 'bad' },
  ],
  test: [
    { input: 'Mia ran home.', label: 'good' },
    { input: 'The dog was lost.', label: 'bad' },
    { input: 'Tim fell.', label: 'bad' },
  ],
});

test('accuracy and confusion are those of the library, with and without calibration', async () => {
  const { code, stdout, stderr } = await run(['task', ...MODEL, '--json', '--shots', '1', '-'], FILE);
  assert.is(code, 0, stderr);
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const { task, test } = await readTask(FILE, 'file', { shots: 1 });
  const calibration = await task.calibrate(model);
  const plain = await task.accuracy(model, test);
  const calibrated = await task.accuracy(model, test, { calibration });
  model.dispose();
  const found = JSON.parse(stdout);
  assert.equal(found.calibration, calibration);
  assert.equal(found.plain, JSON.parse(JSON.stringify(plain)));
  assert.equal(found.calibrated.confusion, calibrated.confusion);
  for (const [i, { label, probabilities }] of calibrated.classified.entries()) {
    assert.is(found.calibrated.classified[i].label, label);
    assert.ok(Math.abs(found.calibrated.classified[i].probabilities.good - probabilities.good!) < 1e-9);
  }
});

test('tables show accuracy and confusion; a text can be classified alone', async () => {
  const { code, stdout, stderr } = await run(['task', ...MODEL, '-'], FILE);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^# plain\naccuracy\t[01]\.\d{4} \(\d of 3; 95 %: /);
  assert.match(stdout, /\nlabel \\ found\tgood\tbad\ngood\t\d\t\d\nbad\t\d\t\d\n\n# calibrated\n/);
  const one = await run(['task', ...MODEL, '--quiet', '--input', 'A dog ran.', '-'], FILE);
  assert.match(one.stdout, /^(good|bad)\n$/);
});

test('a damaged task is refused with its place', async () => {
  const wrong = await run(['task', ...MODEL, '-'], FILE.replace('"bad"}]}', '"sad"}]}'));
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /stdin: test\[2\]\.label is "sad"; it must be 'good' or 'bad'/);
});

test.run();
