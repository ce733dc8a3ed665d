import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectors, readCalibration } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const PATH = fileURLToPath(storiesTiny);
const MODEL = ['--model', PATH, '--build', 'simd', '--quiet'];
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-detect-'));
const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, texts: readonly string[]) => {
  writeFileSync(join(folder, name), texts.map((text) => JSON.stringify({ text })).join('\n'));
  return join(folder, name);
};

const HUMAN = Array.from(
  { length: 40 },
  (_, i) => `Report ${i}: the committee met, and ${i * i} members voted against it.`,
);
const MACHINE = ['Once upon a time there was a little girl.', 'The dog was happy and played with the ball.'];
const OUT = join(folder, 'calibration.json');

test('measures are those of the library, with an observer too', async () => {
  const file = write('machine.jsonl', MACHINE);
  const { code, stdout, stderr } = await run(['detect', ...MODEL, '--json', '--observer', PATH, file]);
  assert.is(code, 0, stderr);
  const found = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  assert.is(found.length, 2);
  for (const [i, { text, line, ...measures }] of found.entries()) {
    assert.equal([text, line], [MACHINE[i], i + 1]);
    const { file: _, ...rest } = measures;
    assert.equal(rest, { ...(await detectors(model, text, { observer: model })) });
  }
  const table = await run(['detect', ...MODEL, '-'], MACHINE[0]);
  const [header, row] = table.stdout.split('\n').map((line) => line.split('\t'));
  assert.equal(header!.slice(0, 2), ['likelihood', 'rank']);
  assert.is(row!.length, header!.length);
  assert.is(row![0], found[0].likelihood.toFixed(4));
  assert.match(row!.at(-1)!, 'Once upon a time');
});

test('a calibration is reported, saved without texts, and gives p-values', async () => {
  const [human, machine] = [write('human.jsonl', HUMAN), write('machine.jsonl', MACHINE)];
  const args = ['--human', human, '--machine', machine, '--out', OUT, '--seed', '3'];
  const { code, stdout, stderr } = await run(['calibrate', ...MODEL, ...args, '--measure', 'likelihood']);
  assert.is(code, 0, stderr);
  assert.match(stdout, 'likelihood: higher values speak for a machine');
  assert.match(stdout, '20 human texts for thresholds, 20 held out, 2 machine texts');
  assert.match(stdout, 'AUROC 1.000');
  assert.match(stdout, /for 5 % of false alarms: threshold -\d+\.\d{4}, alarms for [\d.]+ % \(/);
  const json = readFileSync(OUT, 'utf8');
  assert.not.match(json, 'committee');
  const calibration = await readCalibration(json, { model });
  assert.is(calibration.toJSON().seed, 3);
  const judged = await run(['detect', ...MODEL, '--calibration', OUT, '--json', machine]);
  assert.is(judged.code, 0, judged.stderr);
  for (const line of judged.stdout.split('\n').slice(0, -1)) {
    const { file: _, line: __, text, measure, ...verdict } = JSON.parse(line);
    assert.is(measure, 'likelihood');
    assert.equal(verdict, { ...(await calibration.verdict(text)) });
    assert.ok(verdict.isAlarm);
  }
  const rows = await run(['detect', ...MODEL, '--calibration', OUT, '--false-alarms', '0.1', '-'], HUMAN[0]);
  const [header, row] = rows.stdout.split('\n').map((each) => each.split('\t'));
  assert.equal(header, ['p-value', 'alarm', 'score', 'length', 'text']);
  assert.is(row![0], (await calibration.verdict(HUMAN[0]!)).pValue.toFixed(4));
  assert.is(row![3], 'covered');
});

test('what cannot work ends with a message and writes nothing', async () => {
  const human = write('few.jsonl', HUMAN.slice(0, 1));
  const out = join(folder, 'none.json');
  const few = await run(['calibrate', ...MODEL, '--human', human, '--out', out]);
  assert.is(few.code, 2);
  assert.match(few.stderr, 'humanTexts has 1 different text');
  assert.not.ok(existsSync(out));
  const two = await run(['detect', ...MODEL, '--calibration', human, human]);
  assert.is(two.code, 1);
  assert.match(two.stderr, 'the calibration');
  const start = await run(['detect', ...MODEL, '--calibration', human, '--no-start', human]);
  assert.is(start.code, 2);
  assert.match(start.stderr, '--no-start and --stride come from the calibration');
});

test.run();
