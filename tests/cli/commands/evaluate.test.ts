import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { taskData } from '../../../src/cli/evaluation/data_flag.js';
import { evaluate, taskNames } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { until } from '../../support/until.js';
import { outcome, run, start } from '../run.js';

const MODEL = ['--model', fileURLToPath(storiesTiny), '--build', 'simd', '--threads', '1'];
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-evaluate-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};

const passages = write(
  'passages.jsonl',
  Array.from({ length: 3000 }, (_, i) => `{"text":"The dog number ${i} saw a big cat and ran."}\n`).join(''),
);
const questions = write('questions.jsonl', '{"q":"A","a":"dog"}\n{"q":"The","a":"cat"}\n');
const own = write(
  'own.yaml',
  'task: own\noutput_type: multiple_choice\ndoc_to_text: "{{q}}"\ndoc_to_target: "{{a}}"\n' +
    'doc_to_choice: [dog, cat, sun]\nmetric_list:\n  - metric: acc\n  - metric: acc_norm\n',
);

test("a task of a package and one's own are evaluated as by the library, and written as JSON", async () => {
  const out = path('results.json');
  const data = ['--data', `lambada_openai=${passages}`, '--data', `own=${questions}`];
  const args = ['evaluate', ...MODEL, '--task', `lambada,${own}`, ...data, '--limit', '5', '--few-shot', '1'];
  const { code, stdout, stderr } = await run([...args, '--out', out, '--log-samples', '--quiet']);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const expected = await evaluate(model, {
    tasks: ['lambada', own],
    data: { byTask: { lambada_openai: passages, own: questions } },
    limit: 5,
    fewShot: 1,
    samples: true,
  });
  model.dispose();
  const { model_name, model_source, ...found } = JSON.parse(readFileSync(out, 'utf8'));
  assert.equal(found, JSON.parse(JSON.stringify(expected)));
  assert.equal([model_name, model_source], [fileURLToPath(storiesTiny), 'gpt2-wasm']);
  const [header, ...rows] = stdout.trimEnd().split('\n');
  assert.match(
    header!,
    /^task +documents +examples +metric +value +error +normalization +windows +detokenizer$/,
  );
  assert.equal(
    rows.map((row) => row.split(/ {2,}/).slice(0, 4)),
    [
      ['lambada_openai', '5', '1', 'perplexity'],
      ['lambada_openai', '5', '1', 'acc'],
      ['own', '2', '1', 'acc'],
      ['own', '2', '1', 'acc_norm'],
    ],
  );
  const [, , , , value, , rule, windows] = rows[3]!.split(/ {2,}/);
  assert.is(value, (expected.results.own!['acc_norm,none'] as number).toFixed(4));
  assert.is(rule, 'ln p over characters');
  assert.match(windows!, /^last \d+ tokens of context and choice$/);
});

test('a command that was killed goes on where it was', async () => {
  const cache = path('answers.jsonl');
  const args = ['evaluate', ...MODEL, '--task', 'lambada', '--data', passages, '--cache', cache, '--json'];
  const child = start(args);
  const ended = outcome(child);
  const lines = () => (existsSync(cache) ? readFileSync(cache, 'utf8').split('\n').length : 0);
  await until(() => lines() > 10);
  child.kill('SIGKILL');
  await ended;
  const kept = lines() - 2;
  assert.ok(kept > 5 && kept < 3000, `${kept} answers`);
  const { code, stdout, stderr } = await run([...args, '--quiet']);
  assert.is(code, 0, stderr);
  // No answer was computed twice: header, 3000 answers, and perhaps the line that was cut off.
  assert.ok([3002, 3003].includes(lines()), `${lines()} lines`);
  const { results } = JSON.parse(stdout);
  assert.is(typeof results.lambada_openai['acc,none'], 'number');
});

test('names are listed, and wrong ones refused before a model is loaded', async () => {
  const list = await run(['evaluate', '--list', '--json']);
  assert.equal(JSON.parse(list.stdout), taskNames());
  const wrong = await run(['evaluate', '--model', 'no/such/folder', '--task', 'lambda']);
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /there is no task lambda; did you mean lambada\?/);
  assert.equal(taskData(['__proto__=a', '__proto__=b', 'x=c'], '--data'), {
    byTask: Object.fromEntries([
      ['__proto__', ['a', 'b']],
      ['x', ['c']],
    ]),
  });
});

test.run();
