import { createWorkerModel } from '../../../../build/web/worker.js';

const { Worker } = globalThis;

/**
 * Loads a model in a worker of this page. Gives its threads, its text, and the scripts of the page's workers.
 */
export async function run({ threads, script, blocked = false }) {
  const created = [];
  globalThis.Worker = class extends Worker {
    constructor(url, options) {
      const name = new URL(url).pathname.split('/').at(-1);
      created.push(name);
      super(blocked && name === 'browser_thread.js' ? new URL('no_such_script.js', url) : url, options);
    }
  };
  const own = script && new Worker(script, { type: 'module' });
  const model = await createWorkerModel(new URL('/tests/fixtures/checkpoints/base/', location.href), {
    threads,
    cache: false,
    ...(own && { worker: own }),
  });
  const { sum } = await model.score([5, 9, 2, 40, 7, 7, 1]);
  const { runtime } = model;
  model.dispose();
  return { runtime, sum, created };
}
