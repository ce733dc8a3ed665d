import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outcome, start } from './run.js';

const ENDLESS = [
  'generate',
  '--max-tokens',
  '100000000',
  '--ignore-eos',
  '--context-full',
  'shift',
  'Once upon',
];

/** Starts a generation without an end and waits until some of its text has come. */
async function generating(...flags: string[]) {
  const child = start([...ENDLESS, ...flags]);
  const end = outcome(child);
  let length = 0;
  while (length < 200) length += (await once(child.stdout, 'data'))[0].length;
  return { child, end };
}

/** Sends this process SIGINT after some tokens, each of which takes a task; code for `--import`. */
const INTERRUPT_GENERATION = dataUrl(`
  const { setImmediate } = globalThis;
  let calls = 0;
  globalThis.setImmediate = (...args) => {
    if (++calls === 50) process.kill(process.pid, 'SIGINT');
    return setImmediate(...args);
  };`);

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** Sends this process `signals` when it opens the model, and lets it wait `ms` there; code for `--import`. */
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

test('a reader that closes stdout ends the program quietly', async () => {
  const { child, end } = await generating();
  child.stdout.destroy();
  const { code, stderr } = await end;
  assert.is(code, 0);
  assert.is(stderr, '');
});

test.run();
