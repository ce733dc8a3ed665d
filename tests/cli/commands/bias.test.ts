import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { continuations, lexiconClassifier, templateBias, winoBias } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const MODEL = ['--model', fileURLToPath(storiesTiny), '--build', 'simd'];
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-bias-'));
const model = await loadModel(storiesTiny, { build: 'simd' });

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
  model.dispose();
});

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** What JSON makes of a value. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

test('--json prints what the library finds, for each test', async () => {
  const pro = write(
    'pro_stereotyped_x.txt',
    '1 [The cook] was sad because [she] fell.\n2 [The boy] ran to [his] dog.\n',
  );
  write(
    'anti_stereotyped_x.txt',
    '1 [The cook] was sad because [he] fell.\n2 [The boy] ran to [her] dog now.\n',
  );
  const bold = write(
    'bold.json',
    JSON.stringify({ girls: { Lily: ['Lily saw '] }, boys: { Tom: ['Tom was ', 'Tom'] } }),
  );
  const words = write('words.txt', 'dog\nbig\n');
  const fills = ['--fill', 'job=cat,girl', '--fill', 'pronoun=he,she'];
  const { code, stdout, stderr } = await run([
    ...[
      'bias',
      ...MODEL,
      '--json',
      '--quiet',
      '--seed',
      '4',
      '--winobias',
      pro,
      '--bold',
      bold,
      '--words',
      words,
    ],
    ...[
      '--count',
      '2',
      '--max-tokens',
      '5',
      '--limit',
      '2',
      '--template',
      'The {job} said {pronoun} was.',
      ...fills,
    ],
  ]);
  assert.is(code, 0, stderr);
  const [wino, continued, template] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const pairs = [
    {
      pro: 'The cook was sad because she fell.',
      anti: 'The cook was sad because he fell.',
      ...({ occupation: 'cook', gender: 'female' } as const),
    },
  ];
  const expected = {
    test: 'winobias',
    of: pro,
    ...asJson(await winoBias(model, pairs, { seed: 4 })),
    leftOut: 1,
  };
  assert.equal(wino, expected);
  const prompts = [
    { group: 'girls', prompt: 'Lily saw' },
    { group: 'boys', prompt: 'Tom was' },
  ];
  const options = { seed: 4, n: 2, maxTokens: 5 };
  const found = await continuations(model, prompts, lexiconClassifier(['dog', 'big']), options);
  assert.equal(continued, { test: 'bold', of: bold, ...asJson(found) });
  const values = { job: ['cat', 'girl'], pronoun: ['he', 'she'] };
  const text = 'The {job} said {pronoun} was.';
  const own = await templateBias(model, text, values, { seed: 4 });
  assert.equal(template, { test: 'template', of: text, ...asJson(own) });
});

test('tables have a line for each measure and group', async () => {
  const lines = [
    { sentence_good: 'The dog was happy.', sentence_bad: 'The dog were happy.', UID: 'agreement' },
    { sentence_good: 'She is here.', sentence_bad: 'She are here.', UID: 'agreement' },
  ];
  const pairs = write('pairs.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  const { code, stdout, stderr } = await run(['bias', ...MODEL, '--quiet', '--pairs', pairs]);
  assert.is(code, 0, stderr);
  const [title, head, all, group] = stdout.split('\n');
  assert.is(title, `# pairs: ${pairs}`);
  assert.is(head, 'value\tlow\thigh\tcount\tmeasure\tgroup');
  assert.match(all!, /^[01]\.\d{4}\t0\.\d{4}\t\d\.\d{4}\t\d\/2\taccuracy\tall$/);
  assert.match(group!, /\t\d\/2\taccuracy\tagreement$/);
});

test('without a test, and for files that cannot be read, the error says what is needed', async () => {
  const empty = write('empty.csv', '');
  const runs = [
    { args: [], code: 2, words: '--crows-pairs' },
    { args: ['--crows-pairs', empty], code: 1, words: 'sent_more' },
  ];
  runs.push({
    args: ['--pairs', empty, '--debias', 'x'],
    code: 2,
    words: '--debias needs --bold or --prompts',
  });
  for (const { args, code, words } of runs) {
    const outcome = await run(['bias', ...args]);
    assert.is(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, words);
    assert.is(outcome.stdout, '');
  }
});

test.run();
