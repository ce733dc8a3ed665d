import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createWorkerModel } from '../../src/worker.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { unless } from '../support/unless.js';
import { until } from '../support/until.js';

const DESCRIPTORS = '/proc/self/fd';
const THREADS = '/proc/self/task';
const count = (folder: string) => readdirSync(folder).length;
const withProc = unless(existsSync(DESCRIPTORS) ? undefined : 'open files are not listed in /proc');

/** A bound for `ended`: what runs now, with all of the threads that Node itself starts once. */
async function threadsNow(): Promise<number> {
  await Promise.all(Array.from({ length: 100 }, () => readdir(DESCRIPTORS)));
  return count(THREADS);
}

/** Loads a model in a worker, and gives it up as soon as `more` files are open. */
async function givenUp(more: number, threads: number): Promise<void> {
  const controller = new AbortController();
  const opened = count(DESCRIPTORS) + more;
  let settled = false;
  const over = createWorkerModel(storiesTiny, { threads, build: 'simd', signal: controller.signal })
    .then(
      (model) => model.dispose(),
      (error) => assert.is(error.code, 'aborted'),
    )
    .finally(() => {
      settled = true;
    });
  while (!settled && count(DESCRIPTORS) < opened) await nextTurn();
  controller.abort();
  await over;
}

withProc('a worker that is given up while it loads leaves no file open, nor do its threads', async () => {
  const threads = await threadsNow();
  // Node keeps some files open from the first worker on.
  (await createWorkerModel(storiesTiny, { threads: 1 })).dispose();
  await until(() => count(THREADS) <= threads);
  const files = count(DESCRIPTORS);
  for (const most of [1, 2]) {
    for (const more of [8, 12, 20, 40, 60]) await givenUp(more, most);
  }
  await until(() => count(THREADS) <= threads && count(DESCRIPTORS) <= files);
});

withProc('a worker that computes ends', async () => {
  const threads = await threadsNow();
  const model = await createWorkerModel(storiesTiny, { threads: 1, build: 'simd' });
  const computing = model.score('cat '.repeat(3000), { stride: 1 });
  model.dispose();
  await thrown(() => computing, 'disposed');
  await until(() => count(THREADS) <= threads);
});

test.run();
