import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storiesTiny } from '../support/stories_tiny.js';
import { run } from './run.js';

const MODEL = fileURLToPath(storiesTiny);

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-streams-'));
test.after(() => rmSync(folder, { recursive: true }));
const data = join(folder, 'data.txt');
writeFileSync(data, 'Once upon a time, a cat sat. <|endoftext|>'.repeat(20));

/**
 * A call of every command that prints figures, with the number of its JSON objects and keys of the last one.
 */
const CALLS: readonly (readonly [args: string[], objects: number, ...keys: string[]])[] = [
  [['generate', '--model', MODEL, '--max-tokens', '2', 'Once'], 1, 'choices', 'usage', 'timings'],
  [['score', '--model', MODEL, data], 21, 'total'],
  [['tokenize', '--model', MODEL, 'Once'], 1, 'tokens', 'texts'],
  [['info', MODEL], 1, 'config', 'memory'],
  [['models'], 1, 'cache', 'models'],
  [['convert', MODEL, join(folder, 'a.gguf'), '--weights', 'q8'], 1, 'file', 'byteLength'],
  [
    ['train-tokenizer', data, '--vocab-size', '260', '--out', join(folder, 'tokenizer')],
    1,
    ...['out', 'vocabSize', 'documents', 'characters'],
  ],
  [
    ['finetune', data, '--model', MODEL, '--steps', '2', '--batch-size', '1', '--out', join(folder, 'tuned')],
    3,
    ...['out', 'steps', 'loss'],
  ],
];

/** Commands without `--quiet` print nothing on stderr anyway. */
const isQuiet = (command: string) => ['tokenize', 'info', 'models'].includes(command);

test('with --json stdout has JSON objects only; with --quiet stderr is empty', async () => {
  for (const [args, objects, ...keys] of CALLS) {
    const quiet = isQuiet(args[0]!) ? [] : ['--quiet'];
    const { code, stdout, stderr } = await run([...args, '--json', ...quiet]);
    assert.is(code, 0, stderr);
    assert.is(stderr, '', args[0]);
    const lines = stdout.trimEnd().split('\n');
    assert.is(lines.length, objects, args[0]);
    const values = lines.map((line) => JSON.parse(line));
    for (const key of keys) assert.ok(key in values.at(-1), `${args[0]} ${key}`);
  }
});

test('figures and progress go to stderr', async () => {
  for (const [args] of CALLS) {
    if (isQuiet(args[0]!)) continue;
    const out = args.map((arg) => (arg.startsWith(folder) && arg !== data ? `${arg}.2` : arg));
    const named = out.map((arg) => arg.replace(/\.gguf\.2$/, '.2.gguf'));
    const { code, stdout, stderr } = await run([...named, '--json']);
    assert.is(code, 0, stderr);
    for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
    // Scoring a short file shows no progress.
    if (args[0] !== 'score') assert.not.equal(stderr, '', args[0]);
  }
});

test.run();
