import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectWatermark, type GreenDetection } from '../../../src/examine.js';
import { loadModel, type Watermark } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const MODEL = ['--model', fileURLToPath(storiesTiny)];
const PROMPT = 'Once upon a time';
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-watermark-'));
const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function succeed(args: readonly string[], input?: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(args, input);
  assert.is(code, 0, stderr);
  return stdout.split('\n').slice(0, -1);
}

const SETTINGS: Watermark = { kind: 'kgw', bias: 6, greenlistRatio: 0.5, seedingScheme: 'selfhash' };

test('generate writes the watermark of a file with another key, and watermark reads it', async () => {
  const flags = ['--watermark', file('settings.json', JSON.stringify(SETTINGS)), '--watermark-key', '99'];
  const sampling = ['--seed', '4', '--temperature', '1', '--max-tokens', '60', '--build', 'simd'];
  const [marked] = await succeed(['generate', ...MODEL, ...flags, ...sampling, '--json', '--quiet', PROMPT]);
  const watermark: Watermark = { ...SETTINGS, hashingKey: 99 };
  const { text } = await model.generate(PROMPT, { seed: 4, temperature: 1, maxTokens: 60, watermark });
  assert.is(JSON.parse(marked!).text, text);

  const texts = ['A cat sat on the mat.', text, 'A'];
  const lines = file('texts.jsonl', texts.map((each) => JSON.stringify({ text: each })).join('\n'));
  const more = ['--json', '--by-length', '--ignore-repeated-ngrams'];
  const rows = await succeed(['watermark', ...MODEL, ...flags, ...more, lines]);
  for (const [i, row] of rows.entries()) {
    const options = { byLength: true, ignoreRepeatedNgrams: true };
    const found = (await detectWatermark(model, texts[i]!, watermark, options)) as GreenDetection;
    const { flags: _, counts: __, zByLength, ...numbers } = found;
    const where = { file: lines, line: i + 1, text: texts[i] };
    assert.equal(JSON.parse(row), { ...where, ...numbers, zByLength: [...zByLength!] });
  }
  assert.is(rows.length, 3);
});

test('a row has p, z, tokens, share and place; stdin is read too', async () => {
  const watermark: Watermark = { kind: 'synthid', keys: 5 };
  const text = 'One day a little girl went to the park with her big dog and a cat.';
  const { z, tokens } = await detectWatermark(model, text, watermark);
  const flags = ['--watermark', 'synthid', '--watermark-key', '5'];
  const [row, ...others] = await succeed(['watermark', ...MODEL, ...flags, '-'], text);
  assert.match(row!, new RegExp(`^0\\.\\d+\t${z.toFixed(2)}\t${tokens}\t0\\.\\d{3}\t.*:1  One day a .* …$`));
  assert.equal(others, []);
});

test('wrong settings are usage errors that name them', async () => {
  const wrong: readonly (readonly [args: string[], ...words: string[]])[] = [
    [['generate', '--watermark', 'unigram', 'x'], '--watermark unigram needs --watermark-key'],
    [['watermark', 'README.md'], 'give --watermark'],
    [['watermark', '--watermark', 'kgw', '--by-length', 'README.md'], '--by-length needs --json'],
    [
      ['watermark', '--watermark', file('wrong.json', '{"kind":"kgw","bias":300}'), '-'],
      'watermark.bias is 300',
    ],
  ];
  for (const [args, ...words] of wrong) {
    const { code, stdout, stderr } = await run(args, 'text');
    assert.is(code, 2, stderr);
    assert.is(stdout, '');
    for (const word of words) assert.match(stderr, word);
  }
});

test.run();
