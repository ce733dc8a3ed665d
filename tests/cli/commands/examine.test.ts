import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { byPosition, csvReport, examine } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const MODEL = ['--model', fileURLToPath(storiesTiny), '--build', 'simd'];
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-examine-'));
const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const TEXTS = ['Once upon a time there was a dog.', 'A cat. =1+1 "x"'];
const file = join(folder, 'texts.txt');
writeFileSync(file, TEXTS.join('\n<|endoftext|>\n'));

async function succeed(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await run(['examine', ...MODEL, ...args], input);
  assert.is(code, 0, stderr);
  return { stdout, stderr };
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

test('JSON has what the library gives, and perplexity by position', async () => {
  const args = [file, '--json', '--top', '2', '--no-start', '--by-position', '--quiet'];
  const { stdout, stderr } = await succeed(args);
  assert.is(stderr, '');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const expected = await Promise.all(TEXTS.map((text) => examine(model, text, { top: 2, start: false })));
  const { buckets } = await byPosition(model, TEXTS, { start: false });
  assert.equal(
    lines,
    asJson([{ file, line: 1, ...expected[0] }, { file, line: 3, ...expected[1] }, { byPosition: buckets }]),
  );
});

test('CSV has the place of each text before the columns of the library, and one line of names', async () => {
  const examined = await Promise.all(TEXTS.map((text) => examine(model, text)));
  for (const rows of ['tokens', 'words'] as const) {
    const args = [file, '--csv', '--quiet', ...(rows === 'words' ? ['--words'] : [])];
    const [head, ...lines] = (await succeed(args)).stdout.split('\r\n').slice(0, -1);
    const [firstHead, ...first] = csvReport(examined[0]!, { rows }).split('\r\n').slice(0, -1);
    const [, ...second] = csvReport(examined[1]!, { rows }).split('\r\n').slice(0, -1);
    assert.is(head, `file,line,${firstHead}`);
    assert.equal(lines, [
      ...first.map((line) => `${file},1,${line}`),
      ...second.map((line) => `${file},3,${line}`),
    ]);
  }
});

test('without a terminal each token gets a line, and each text its figures', async () => {
  const { stdout } = await succeed(['-'], `${TEXTS[0]} \u001b[31m`);
  const { tokens, perplexity } = await examine(model, `${TEXTS[0]} \u001b[31m`);
  const [place, head, ...lines] = stdout.split('\n');
  assert.equal([place, head], ['stdin:1', 'rank\tp\tbits\tentropy\ttoken']);
  for (const [i, { rank, surprisal, text }] of tokens.entries()) {
    const [shownRank, , bits, , shown] = lines[i]!.split('\t');
    assert.equal([shownRank, bits], [String(rank), surprisal!.toFixed(3)]);
    assert.is(JSON.parse(shown!), text);
  }
  assert.match(
    stdout,
    `${tokens.length} scored tokens, 9 words, 2 sentences\nperplexity ${Math.round(perplexity)}`,
  );
  assert.not(stdout.includes('\u001b'), 'a text cannot command the terminal');
});

test('a page is written, and overwritten only with --force', async () => {
  const page = join(folder, 'page.html');
  const args = ['--text', TEXTS[0]!, '--html', page];
  const { stdout } = await succeed([...args, '--by-position']);
  assert.match(stdout, /^text:1\n\d+ scored tokens/);
  const written = readFileSync(page, 'utf8');
  for (const part of ['Once</span>', 'class="by-position"', 'stories-tiny']) assert.match(written, part);
  const again = await run(['examine', ...MODEL, ...args]);
  assert.is(again.code, 2);
  assert.match(again.stderr, 'exists already; --force');
  await succeed([...args, '--force', '--quiet']);
  assert.not.match(readFileSync(page, 'utf8'), 'class="by-position"');
  assert.equal(readdirSync(folder).sort(), ['page.html', 'texts.txt']);
});

test('what cannot be examined is said', async () => {
  for (const [args, code, ...words] of [
    [[], 2, 'no text', '--text'],
    [[file, '--text', 'a'], 2, 'either files or --text'],
    [[file, '--words'], 2, '--words needs --csv'],
    [[file, '--csv', '--by-position'], 2, '--by-position', '--json'],
    [['--text', 'a', '--top', '-1'], 2, '--top is -1'],
  ] as const) {
    const outcome = await run(['examine', ...MODEL, ...args]);
    assert.is(outcome.code, code, `${args.join(' ')}: ${outcome.stderr}`);
    for (const word of words) assert.match(outcome.stderr, word);
    assert.not.match(outcome.stderr, /\n +at /);
  }
});

test.run();
