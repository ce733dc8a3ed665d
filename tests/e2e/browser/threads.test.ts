import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Runtime } from '../../../src/index.js';
import { CHROMIUM, Chromium } from './chromium.js';

interface Run {
  readonly runtime: Runtime;
  readonly tokens: readonly number[];
}

/** `RUNS=number` opens more pages. */
const PAGES = Number(process.env.RUNS ?? 16);

const threadTests = suite('threads in Chromium');
let chromium: Chromium;

threadTests.before(async () => {
  chromium = await Chromium.start();
});
threadTests.after(() => chromium.close());

const binariesOf = (requests: readonly string[]) => requests.filter((request) => request.endsWith('.wasm'));

threadTests('an isolated page computes on as many threads as asked for, and writes the same', async () => {
  const [two, three, one] = await chromium.run<Run[]>('threads', { counts: [2, 3, 1] }, { isolated: true });
  assert.is(one!.tokens.length, 40);
  for (const [run, count] of [
    [one, 1],
    [two, 2],
    [three, 3],
  ] as const) {
    assert.is(run!.runtime.threads, count, run!.runtime.threadsReason);
    assert.equal(run!.tokens, one!.tokens);
  }
});

threadTests('a page that is not isolated has one thread and says why', async () => {
  const [two] = await chromium.run<Run[]>('threads', { counts: [2] });
  assert.is(two!.runtime.threads, 1);
  assert.match(two!.runtime.threadsReason, /not cross-origin isolated/);
  assert.is(two!.tokens.length, 40);
});

threadTests('of the four binaries a page downloads the one that it runs, once', async () => {
  for (const [isolated, binary] of [
    [true, 'relaxed-threads'],
    [false, 'relaxed'],
  ] as const) {
    const { requests } = isolated ? chromium.isolated : chromium.plain;
    const before = requests.length;
    await chromium.run('threads', { counts: [2] }, { isolated });
    assert.equal(binariesOf(requests.slice(before)), [`GET /build/wasm/${binary}.wasm`]);
  }
});

interface WorkerRun {
  readonly runtime: Runtime;
  readonly sum: number;
  /** Scripts of the workers that the page created. */
  readonly created: readonly string[];
}

const inWorker = (argument: object) =>
  chromium.run<WorkerRun>('worker_threads', argument, { isolated: true });

threadTests('the page creates the threads of a model that runs in a worker', async () => {
  const one = await inWorker({ threads: 1 });
  assert.equal(one.created, ['model_worker.js']);
  const three = await inWorker({ threads: 3 });
  assert.is(three.runtime.threads, 3, three.runtime.threadsReason);
  assert.equal(three.created, ['model_worker.js', ...Array(3).fill('browser_thread.js')]);
  assert.is(three.sum, one.sum);
});

threadTests('so does a page that gives the worker', async () => {
  const { runtime, created } = await inWorker({ threads: 2, script: '/build/web/model_worker.js' });
  assert.is(runtime.threads, 2, runtime.threadsReason);
  assert.equal(created, ['browser_thread.js', 'browser_thread.js']);
});

threadTests('a page that cannot load the script of a thread has a model with one thread', async () => {
  const { runtime, sum } = await inWorker({ threads: 2, blocked: true });
  assert.is(runtime.threads, 1);
  assert.match(runtime.threadsReason, /workers do not start here/);
  assert.is(sum, (await inWorker({ threads: 1 })).sum);
});

threadTests(`${PAGES} pages, each with a model of two threads in a worker`, async () => {
  const { sum } = await inWorker({ threads: 1 });
  const argument = { count: PAGES, together: 2 };
  const told = await chromium.run<{ result?: WorkerRun; error?: string }[]>('many_pages', argument, {
    isolated: true,
  });
  assert.is(told.length, PAGES);
  for (const { result, error } of told) {
    assert.is(error, undefined);
    assert.is(result!.runtime.threads, 2, result!.runtime.threadsReason);
    assert.is(result!.sum, sum);
  }
});

if (CHROMIUM !== undefined) threadTests.run();
