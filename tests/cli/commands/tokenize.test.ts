import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Outcome, run } from '../run.js';

const EXPECTED = JSON.parse(
  readFileSync(new URL('../../fixtures/stories-tiny/expected.json', import.meta.url), 'utf8'),
) as { prompt: string; input_ids: number[] };
/** Ids without the end-of-text token at the start of the fixture. */
const PROMPT_IDS = EXPECTED.input_ids.slice(1);

async function tokenize(args: readonly string[], input?: string): Promise<string> {
  const model = ['--model', 'tests/fixtures/stories-tiny'];
  const { code, stdout, stderr }: Outcome = await run(['tokenize', ...model, ...args], input);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  return stdout;
}

test('a text gives the ids of the reference tokenizer in one line', async () => {
  assert.is(await tokenize([EXPECTED.prompt]), `${PROMPT_IDS.join(' ')}\n`);
  assert.is(await tokenize([], EXPECTED.prompt), `${PROMPT_IDS.join(' ')}\n`);
  assert.is(await tokenize(['']), '');
});

test('text on stdin keeps its line breaks', async () => {
  const ids = (await tokenize(['-'], `${EXPECTED.prompt}\n`)).trim().split(' ').map(Number);
  assert.equal(ids.slice(0, -1), PROMPT_IDS);
  assert.is(JSON.parse(await tokenize(['--json', '--decode', String(ids.at(-1))])).text, '\n');
});

test('ids decode to the text they came from, given in any way', async () => {
  const text = 'Zoë said: “Héllo 👋🏽”\n\tand left.  ';
  const ids = (await tokenize([text])).trim();
  assert.is(await tokenize(['--decode', ids]), `${text}\n`);
  assert.is(await tokenize(['--decode', ...ids.split(' ')]), `${text}\n`);
  assert.is(await tokenize(['--decode'], `${ids.replaceAll(' ', ',')}\n`), `${text}\n`);
  assert.is(JSON.parse(await tokenize(['--decode', '--json', ids])).text, text);
  assert.is(await tokenize(['--decode'], ''), '');
});

test('--allowed-special makes special tokens of text', async () => {
  const text = `<|endoftext|>${EXPECTED.prompt}`;
  const withSpecial = `${EXPECTED.input_ids.join(' ')}\n`;
  assert.is.not(await tokenize([text]), withSpecial);
  assert.is(await tokenize(['--allowed-special', 'all', text]), withSpecial);
  assert.is(await tokenize(['--allowed-special', '<|endoftext|>', text]), withSpecial);
});

test('a tokenizer of another kind puts its tokens around a text, and leaves them out', async () => {
  const command = ['tokenize', '--model', 'tests/fixtures/tokenizer-pipelines/bert-uncased'];
  const { stdout } = await run([...command, '--add-special-tokens', 'Hello world']);
  assert.is(stdout, '2 293 291 3\n');
  const decoded = await run([...command, '--decode', '--skip-special-tokens', stdout]);
  assert.is(decoded.stdout, 'hello world\n');
});

test('--table has a line for each token, with its bytes where they are no text', async () => {
  const lines = (await tokenize(['--table', 'Once\nñ'])).trimEnd().split('\n');
  const ids = (await tokenize(['Once\nñ'])).trim().split(' ');
  assert.equal(
    lines.map((line) => line.trim().split('  ')),
    ids.map((id, i) => [id, ['"Once"', '"\\n"', 'bytes c3', 'bytes b1'][i]]),
  );
});

test('a folder with a SentencePiece model alone is enough', async () => {
  const folder = ['tokenize', '--model', 'tests/fixtures/tokenizer-files/sp-unigram', 'Hello world'];
  assert.is((await run(folder)).stdout, '126 162 74 175\n');
});

test('--json has the text, the ids and the text of each', async () => {
  assert.equal(JSON.parse(await tokenize(['--json', EXPECTED.prompt])), {
    model: 'tests/fixtures/stories-tiny',
    text: EXPECTED.prompt,
    tokens: PROMPT_IDS,
    texts: ['Once', ' upon', ' a', ' time'],
  });
});

test.run();
