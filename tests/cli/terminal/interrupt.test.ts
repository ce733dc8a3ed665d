import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shardedFiles } from '../../support/small_model.js';
import { outcome, start } from '../run.js';

const ENDLESS = [
  'generate',
  '--max-tokens',
  '100000000',
  '--ignore-eos',
  '--context-full',
  'shift',
  'Once upon',
];

/** Starts an endless generation and waits for some of its text. */
async function generating(...flags: string[]) {
  const child = start([...ENDLESS, ...flags]);
  const end = outcome(child);
  let length = 0;
  while (length < 200) length += (await once(child.stdout, 'data'))[0].length;
  return { child, end };
}

/** Code for `--import`: sends the process SIGINT after some tokens, each of which takes one task. */
const INTERRUPT_GENERATION = dataUrl(`
  import timers from 'node:timers';
  const { setImmediate } = timers;
  let calls = 0;
  timers.setImmediate = (...args) => {
    if (++calls === 50) process.kill(process.pid, 'SIGINT');
    return setImmediate(...args);
  };`);

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** Code for `--import`: sends the process `signals` when it opens the model, and delays it there by `ms`. */
function interruptLoading(signals: readonly string[], ms: number): string {
  return dataUrl(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { open } = fs.promises;
    let signals = ${JSON.stringify(signals)};
    fs.promises.open = async (path, ...rest) => {
      if (String(path).endsWith('.gguf')) {
        for (const signal of signals.splice(0)) {
          process.kill(process.pid, signal);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await new Promise((resolve) => setTimeout(resolve, ${ms}));
      }
      return open(path, ...rest);
    };
    syncBuiltinESMExports();`);
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a generation with its text, its figures and ${code}`, async () => {
    const { child, end } = await generating();
    child.kill(signal);
    const { code: actual, stdout, stderr } = await end;
    assert.is(actual, code, stderr);
    assert.ok(stdout.startsWith('Once upon'));
    assert.ok(stdout.endsWith('\n'));
    assert.match(stderr, /^2 prompt tokens .* finish reason aborted, seed \d+\n$/);
  });
}

test('an interrupted generation with --json prints what there is', async () => {
  const child = start([...ENDLESS, '--json'], ['--import', INTERRUPT_GENERATION]);
  const { code, stdout } = await outcome(child);
  assert.is(code, 130);
  const { finishReason, tokens, text } = JSON.parse(stdout);
  assert.is(finishReason, 'aborted');
  assert.ok(tokens.length > 0 && text.length > 0);
});

test('an interrupted load says so and prints nothing else', async () => {
  const child = start(['generate', 'x'], ['--import', interruptLoading(['SIGINT'], 0)]);
  const { code, stdout, stderr } = await outcome(child);
  assert.is(code, 130);
  assert.is(stdout, '');
  assert.is(stderr, 'interrupted while the model was loaded\n');
});

test('a second Ctrl-C ends the program at once', async () => {
  const child = start(['generate', 'x'], ['--import', interruptLoading(['SIGINT', 'SIGINT'], 3_600_000)]);
  const { code, stdout, stderr } = await outcome(child);
  assert.is(code, 130);
  assert.is(`${stdout}${stderr}`, '');
});

/**
 * Code for `--import`: sends the process SIGINT at the n-th call to the file system after it listens for it.
 */
function interruptAt(call: number): string {
  return dataUrl(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    let calls = 0;
    for (const [name, original] of Object.entries(fs.promises)) {
      if (typeof original !== 'function') continue;
      fs.promises[name] = async (...args) => {
        if (process.listenerCount('SIGINT') > 0 && ++calls === ${call}) {
          process.kill(process.pid, 'SIGINT');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return original(...args);
      };
    }
    syncBuiltinESMExports();`);
}

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-interrupt-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const shards = join(folder, 'model');
const text = join(folder, 'data.txt');
mkdirSync(shards);
for (const [name, bytes] of Object.entries(await shardedFiles())) writeFileSync(join(shards, name), bytes);
writeFileSync(text, 'The fox sat by the river. '.repeat(40));

const TRAIN = ['--steps', '3', '--batch-size', '1', '--context-length', '16', '--threads', '1', '--quiet'];

for (const [command, args] of Object.entries({
  convert: (out: string) => ['convert', shards, `${out}.gguf`, '--weights', 'q8', '--quiet'],
  generate: () => ['generate', '--model', shards, '--max-tokens', '2', '--quiet', 'x'],
  finetune: (out: string) => ['finetune', text, '--model', shards, '--out', out, ...TRAIN],
  'train-tokenizer': (out: string) => [
    'train-tokenizer',
    text,
    '--vocab-size',
    '300',
    '--out',
    out,
    '--quiet',
  ],
})) {
  test(`${command}: Ctrl-C at any moment gives 130 or the whole result, and no stack trace`, async () => {
    const codes: (number | null)[] = [];
    for (const call of [1, 2, 5, 12, 18, 25, 33]) {
      const out = join(folder, `${command}-${call}`);
      const { code, stderr } = await outcome(start(args(out), ['--import', interruptAt(call)]));
      assert.ok(code === 130 || code === 0, `${call}: ${code} ${stderr}`);
      assert.not.match(stderr, /\n\s+at |Error/, `${call}`);
      if (command === 'convert') assert.is(existsSync(`${out}.gguf`), code === 0);
      codes.push(code);
    }
    // Calls to the file system while a tokenizer is written are too late to stop it.
    if (command !== 'train-tokenizer') assert.is(codes[0], 130);
    assert.equal(
      readdirSync(folder).filter((name) => /unfinished|part$/.test(name)),
      [],
    );
  });
}

test('a reader that closes stdout ends the program quietly', async () => {
  const { child, end } = await generating();
  child.stdout.destroy();
  const { code, stderr } = await end;
  assert.is(code, 0);
  assert.is(stderr, '');
});

test.run();
