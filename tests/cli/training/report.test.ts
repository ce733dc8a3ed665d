import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-report-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const stories = join(folder, 'stories');
mkdirSync(stories);
const story = (i: number) => Array.from({ length: 30 }, (_, k) => `word${(i * 31 + k * k) % 997}`).join(' ');
const texts = [0, 1, 2, 3, 4, 5].map(story);
const chats = ['{"text":""}', 'no JSON', '{"prompt":"Who?","completion":" The ox."}', '{"prompt":"Who?"}'];
writeFileSync(
  join(stories, 'a.txt'),
  [...texts, '', texts[2], `${texts[3]} ox`, story(6)].join('\n<|endoftext|>\n'),
);
writeFileSync(join(stories, 'b.jsonl'), chats.join('\n'));
writeFileSync(join(stories, 'c.pdf'), 'x');
const SMALL = ['--model', fileURLToPath(storiesTiny), '--build', 'simd', '--threads', '1'];

test('finetune reports what it read, skipped, left out and repeated, as a table and as JSON', async () => {
  const out = join(folder, 'out');
  const file = join(folder, 'report.json');
  const args = ['finetune', stories, ...SMALL, '--out', out, '--steps', '1', '--batch-size', '1'];
  const care = ['--deduplicate', '--curriculum', 'length', '--skip-invalid', '--validation', '0'];
  const { code, stdout, stderr } = await run([...args, ...care, '--report', file, '--json']);
  assert.is(code, 0, stderr);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(JSON.parse(stdout.split('\n')[0]!), { report });
  const { read, skipped, duplicates, training } = report;
  assert.equal([read.files, read.documents, skipped.files], [2, 10, [join(stories, 'c.pdf')]]);
  assert.equal([duplicates.exact, duplicates.near, training.documents], [1, 1, 8]);
  const [text, chat] = [join(stories, 'a.txt'), join(stories, 'b.jsonl')];
  assert.equal([skipped.empty, skipped.invalid], [2, 2]);
  assert.equal(
    skipped.listed.map(({ file: name, line }: { file: string; line: number }) => [name, line]),
    [
      [text, 13],
      [chat, 1],
      [chat, 2],
      [chat, 4],
    ],
  );
  const [near] = duplicates.examples;
  assert.equal(
    [near.document, near.original],
    [
      { file: text, line: 17 },
      { file: text, line: 7 },
    ],
  );
  assert.match(stderr, `skipped 2 invalid lines: ${chat} line 2 is not valid JSON`);
  for (const words of [
    /read +2 files, 10 documents/,
    /skipped +1 file, 2 empty documents, 2 invalid lines/,
    `${text} line 13 is empty`,
    /duplicates +1 document equal to earlier ones, 1 near-duplicate; left out: 2 documents/,
    /to learn +8 documents/,
    /prompts +1 document, \d+ tokens, without a loss/,
    /cut +\d documents? longer than a row/,
    /repeated +each row 0\.\d+ times/,
  ]) {
    assert.match(stderr, words);
  }
});

test('wrong values name the flag, and nothing is read or written', async () => {
  const out = join(folder, 'none');
  const data = join(stories, 'a.txt');
  for (const [args, ...words] of [
    [['--report', data], '--report [file]', 'ends with .json', 'put data before --report'],
    [[data, '--deduplicate', stories], '--deduplicate [share]', 'put data before --deduplicate'],
    [[data, '--deduplicate', '0.4'], 'threshold of deduplicate is 0.4'],
    [[data, '--report', join(folder, 'absent', 'r.json')], 'cannot be written'],
    [[data, '--task', 'classify', '--skip-invalid'], '--skip-invalid does not apply to --task classify'],
  ] as const) {
    const { code, stderr } = await run(['finetune', ...args, ...SMALL, '--out', out]);
    assert.ok(code === 1 || code === 2);
    for (const word of words) assert.match(stderr, word);
  }
  assert.not.ok(existsSync(out));
});

test.run();
