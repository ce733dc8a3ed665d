import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';
import { retryAfter } from '../../src/files/http/response.js';
import { Retries } from '../../src/files/http/retries.js';
import { loadModel, type Model } from '../../src/index.js';
import { createWorkerModel, type WorkerModel } from '../../src/worker.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { fakeWorkers } from '../worker/fake_worker.js';

/** Fake timers and clocks, as of test runners: no timer fires, and time does not pass. */
const FAKES = {
  setTimeout: () => 0,
  setInterval: () => 0,
  setImmediate: () => 0,
  clearTimeout: () => {},
  clearInterval: () => {},
  clearImmediate: () => {},
  queueMicrotask: () => {},
  requestAnimationFrame: () => 0,
  MessageChannel: class {
    readonly port1 = { close: () => {} };
    readonly port2 = { postMessage: () => {} };
  },
  performance: { now: () => 0 },
  Date: class extends Date {
    static override now = () => 0;
  },
};

async function withFakes(use: () => Promise<void>): Promise<void> {
  const globals = globalThis as unknown as Record<string, unknown>;
  const real = Object.fromEntries(
    Object.keys(FAKES).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  for (const [name, value] of Object.entries(FAKES)) {
    Object.defineProperty(globals, name, { value, configurable: true, writable: true });
  }
  try {
    await use();
  } finally {
    for (const [name, descriptor] of Object.entries(real)) {
      if (descriptor) Object.defineProperty(globals, name, descriptor);
      else delete globals[name];
    }
  }
}

const fakeWorker = fakeWorkers(test);

for (const [place, load] of [
  ['here', () => loadModel(storiesTiny)],
  ['in threads', () => loadModel(storiesTiny, { threads: 2 })],
  ['in a worker', () => createWorkerModel(storiesTiny, { worker: fakeWorker().worker })],
] as const) {
  test(`a model ${place} works while timers are fake`, async () => {
    const model: Model | WorkerModel = await load();
    const options = { maxTokens: 4, seed: 1, ignoreEos: true };
    await withFakes(async () => {
      const { timings, tokens } = await model.generate('Once upon a time', options);
      assert.ok(timings.promptMs > 0 && timings.decodeMs > 0);
      await Promise.all(Array.from({ length: 20 }, () => model.score('The cat')));
      await model.logits([1, 2]);
      assert.equal((await model.stream('Once upon a time', options).completion).tokens, tokens);
      // More unread streams than compute at once: a timer decides when one gives its memory to the next.
      const streams = Array.from({ length: 10 }, () => model.stream('The cat', options));
      for (const stream of streams) await stream.next();
      for (const stream of streams) await stream.return();
      const session = model.session();
      await session.stream('The cat', options).next();
      await session.generate('One day', options);
    });
    model.dispose();
  });
}

test('a model loads and is tried again while timers are fake', () =>
  withFakes(async () => {
    const model = await loadModel(storiesTiny);
    assert.ok((await model.score('The cat')).sum < 0);
    model.dispose();
    const busy = () => new Gpt2Error('network', 'busy');
    await new Retries({ work: 'reading', broken: busy, refused: busy }).failed(busy(), 3);
    const date = new Response(null, { headers: { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' } });
    assert.is(retryAfter(date), 0, 'that is long ago, by the real clock');
  }));

test.run();
