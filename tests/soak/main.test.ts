import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unless } from '../support/unless.js';

const LOADER = fileURLToPath(new URL('../../scripts/ts_loader.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

const BUSY = 'all parts are busy';

const onLinux = unless(process.platform === 'linux' ? undefined : 'the soak reads /proc');

onLinux('a soak that Ctrl-C ends has done acts, checked them, and read all numbers', async () => {
  const args = ['--hours', '1', '--only', 'worker', '--seed', '3', '--json'];
  const child = spawn(process.execPath, ['--import', LOADER, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (more) => {
    const wasBusy = log.includes(BUSY);
    log += more;
    if (!wasBusy && log.includes(BUSY)) child.kill('SIGINT');
  });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.is(status, 1, `one reading is too few to judge: ${log}`);
  const { seed, wrong, results, readings } = JSON.parse(output);
  assert.equal([seed, wrong], [3, 0], log);
  assert.is(results.length, 1);
  const acts: number[] = Object.values(results[0].acts);
  assert.ok(acts.reduce((sum, count) => sum + count, 0) >= 4, 'an act in each lane or more');
  const [{ reading }] = readings.worker;
  for (const name of ['heap', 'threadHeap', 'wasm', 'resident']) assert.ok(reading[name] > 2 ** 20, name);
  assert.is(reading.workers, 1, 'the model that stays');
  assert.ok(reading.handles > 3 && reading.threads > 1);
});

test.run();
