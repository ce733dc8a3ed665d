import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const BENCH = fileURLToPath(new URL('../../../bench/main.mjs', import.meta.url));
const MODEL = fileURLToPath(new URL('../../fixtures/stories-tiny', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: tests read fields of JSON.
async function bench(...args: string[]): Promise<any> {
  const child = spawn(process.execPath, [BENCH, ...args, '--model', MODEL, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, log, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  assert.is(code, 0, log);
  return JSON.parse(output);
}

test('bench --serve measures a server at a rate, several streams and prompts that were seen', async () => {
  const { parts } = await bench('--serve', '--seconds', '2', '--rate', '4', '--rounds', '1');
  const [window] = parts.rates.windows;
  assert.is(parts.rates.windows.length, 1);
  assert.is(window.rate, 4);
  assert.ok(window.requests > 0);
  assert.equal(window.failures, []);
  assert.ok(window.first.p50 > 0 && window.first.p50 <= window.first.p95);
  assert.equal(
    parts.streams.map(({ count }: { count: number }) => count),
    [1, 8],
  );
  const { prompt, shared, cached } = parts.repeated;
  assert.ok(shared < prompt && cached.least > 0);
});

test('bench --load compares every answer with that of the request alone', async () => {
  const { counts, wrong } = await bench('--load', '--clients', '8', '--minutes', '0.03');
  assert.equal(wrong, []);
  assert.ok(Object.keys(counts).length > 0);
});

test.run();
