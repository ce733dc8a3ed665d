import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScoreProgress } from '../../../src/cli/terminal/progress/score_progress.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const MODEL = ['--model', fileURLToPath(storiesTiny), '--build', 'simd'];
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-score-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function succeed(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await run(['score', ...MODEL, ...args], input);
  assert.is(code, 0, stderr);
  return { stdout, stderr, lines: stdout.split('\n').slice(0, -1) };
}

const TEXTS = ['Once upon a time there was a dog.', 'A cat.', 'Zebra xylophone\u00e9!'];

test('texts of files, lines, JSON lines and stdin have the scores of the library', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const expected = await model.score(TEXTS);
  const runs = [
    [write('lines.dat', `${TEXTS.join('\n\n')}\n`), '--format', 'lines'],
    [write('texts.jsonl', TEXTS.map((text) => JSON.stringify({ text })).join('\n'))],
    [write('texts.txt', TEXTS.join('\n<|endoftext|>\n'))],
  ];
  for (const args of runs) {
    const { lines } = await succeed([...args, '--json', '--tokens', '--quiet']);
    const [total, ...found] = lines.map((line) => JSON.parse(line)).reverse();
    assert.equal(
      found.reverse().map(({ text }) => text),
      TEXTS,
    );
    for (const [i, { sum, mean, perplexity, bitsPerByte, tokens }] of found.entries()) {
      const score = expected[i]!;
      assert.equal(
        [sum, mean, perplexity, bitsPerByte],
        [score.sum, score.mean, score.perplexity, score.bitsPerByte],
      );
      assert.equal(
        tokens.map(({ id }: { id: number }) => id),
        score.tokens,
      );
      assert.equal(
        tokens.map(({ logprob }: { logprob: number }) => Math.fround(logprob)),
        [...score.logprobs],
      );
      assert.equal(
        tokens.map(({ rank }: { rank: number }) => rank),
        [...score.ranks],
      );
      assert.equal(
        tokens.map(({ entropy }: { entropy: number }) => Math.fround(entropy)),
        [...score.entropy],
      );
    }
    const { texts, tokens, sum, perplexity, bytes } = total.total;
    const count = expected.reduce((all, { logprobs }) => all + logprobs.length, 0);
    assert.equal([texts, tokens, bytes], [3, count, new TextEncoder().encode(TEXTS.join('')).length]);
    assert.ok(Math.abs(sum - expected.reduce((all, score) => all + score.sum, 0)) < 1e-9);
    assert.ok(Math.abs(perplexity - Math.exp(-sum / count)) < 1e-9);
  }
  const { lines } = await succeed(['--format', 'lines', '-'], `${TEXTS.join('\n')}\n`);
  assert.is(lines.length, 4);
  for (const [i, score] of expected.entries()) {
    const [perplexity, bits, sum, tokens, text] = lines[i]!.split('\t');
    assert.ok(Math.abs(Number(perplexity) / score.perplexity - 1) < 0.01);
    assert.equal(
      [bits, sum, tokens],
      [score.bitsPerByte!.toFixed(3), score.sum.toFixed(2), String(score.logprobs.length)],
    );
    assert.is(text, `stdin:${i + 1}  ${TEXTS[i]}`);
  }
  assert.match(lines[3]!, /3 texts together$/);
  model.dispose();
});

test('a text longer than the context is scored in windows, without the first token if asked', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const long = 'Once upon a time there was a dog. '.repeat(40);
  const file = write('long.txt', long);
  for (const [args, options] of [
    [[], { stride: 128 }],
    [['--stride', '50', '--no-start'], { stride: 50, start: false }],
  ] as const) {
    const { lines } = await succeed([file, '--json', ...args]);
    assert.is(JSON.parse(lines[0]!).sum, (await model.score(long, options)).sum);
  }
  model.dispose();
});

test('what cannot be scored is said', async () => {
  for (const [args, code, ...words] of [
    [[], 2, 'file'],
    [['absent.txt'], 1, 'absent.txt'],
    [[write('empty.txt', '')], 0, 'no text to score'],
    [[write('a.txt', 'a'), '--tokens'], 2, '--json'],
    [[write('a.txt', 'a'), '--stride', '0'], 2, '--stride is 0', '256'],
    [[write('bad.jsonl', '{"text": 5}')], 1, 'bad.jsonl line 1'],
    [[write('a.txt', 'a'), '--no-start'], 2, 'nothing comes before it'],
  ] as const) {
    const outcome = await run(['score', ...MODEL, ...args]);
    assert.is(outcome.code, code, `${args.join(' ')}: ${outcome.stderr}`);
    for (const word of words) assert.match(outcome.stderr, word);
    assert.not.match(outcome.stderr, /\n +at /);
  }
});

test('progress is a line that is redrawn on a terminal, and lines elsewhere', () => {
  const shown = (isTTY: boolean) => {
    let written = '';
    let time = 0;
    const write = (text: string | Uint8Array) => {
      written += text;
      return true;
    };
    const progress = new ScoreProgress({ isTTY, write, columns: 80 }, () => time);
    for (time = 500; time <= 4000; time += 500) progress.update(time / 500, time);
    progress.clear();
    return written;
  };
  assert.is(shown(false), 'scored 4 texts, 2,000 tokens (1000/s)\nscored 8 texts, 4,000 tokens (1000/s)\n');
  const clear = '\r\u001b[2K';
  assert.ok(shown(true).startsWith(`${clear}scored 1 text, 500 tokens (1000/s)${clear}scored 2`));
  assert.ok(shown(true).endsWith(clear));
});

test.run();
