import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';
import { Mutex } from '../../src/base/mutex.js';
import { nextTask } from '../../src/base/next_task.js';
import { thrown } from '../support/thrown.js';

/** Work that logs its start and, some tasks of the event loop later, its end. */
function logged(log: string[], name: string, tasks: number): () => Promise<string> {
  return async () => {
    log.push(`${name} starts`);
    for (let i = 0; i < tasks; i++) await nextTask();
    log.push(`${name} ends`);
    return name;
  };
}

test('work runs one at a time, in the order of the calls', async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const runs = ['a', 'b', 'c'].map((name, i) => mutex.run(logged(log, name, 3 - i)));
  assert.equal(await Promise.all(runs), ['a', 'b', 'c']);
  assert.equal(log, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('work that fails lets the next one run', async () => {
  const mutex = new Mutex();
  const failed = mutex.run(async () => {
    throw new Gpt2Error('runtime', 'no luck');
  });
  const next = mutex.run(async () => 1);
  await thrown(() => failed, 'runtime', 'no luck');
  assert.is(await next, 1);
});

test('a signal that fires while work waits cancels it, but not work under way', async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = mutex.run(logged(log, 'a', 3), running.signal);
  const second = mutex.run(logged(log, 'b', 3), waiting.signal);
  await nextTask();
  running.abort();
  waiting.abort();
  assert.is(await second, false);
  assert.is(await first, 'a');
  assert.equal(log, ['a starts', 'a ends']);
});

test.run();
