import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Slices } from '../../src/base/slices.js';
import { thrown } from '../support/thrown.js';

test('a pause is due after 2^21 units, and lets other tasks run', async () => {
  const slices = new Slices(undefined, 'working');
  assert.not.ok(slices.add(2 ** 21 - 1));
  assert.ok(slices.add(1));
  let ran = false;
  setImmediate(() => {
    ran = true;
  });
  await slices.pause();
  assert.ok(ran);
  assert.not.ok(slices.add(2 ** 20));
});

test('a pause notices an abort', async () => {
  const controller = new AbortController();
  const slices = new Slices(controller.signal, 'working');
  await slices.pause();
  controller.abort();
  await thrown(() => slices.pause(), 'aborted', 'working');
});

test.run();
