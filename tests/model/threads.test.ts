import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { countTurns } from '../support/turns.js';
import { watchWorkers } from '../support/workers.js';

const test = suite('threads of a model');

// The TypeScript loader may start its own worker at the first use, which must not be counted below.
(await loadModel(storiesTiny, { threads: 2 })).dispose();

const { running: workers, ended } = watchWorkers();

const LONG = { temperature: 0, ignoreEos: true, maxTokens: 200 } as const;

test('2 and 3 threads write the text of one', async () => {
  const options = { seed: 5, temperature: 0.8, maxTokens: 40 };
  const one = await loadModel(storiesTiny, { threads: 1 });
  const { text } = await one.generate('Once upon a time', options);
  for (const threads of [2, 3]) {
    const model = await loadModel(storiesTiny, { threads });
    assert.is(model.runtime.threads, threads);
    assert.match(
      model.runtime.threadsReason,
      new RegExp(`^${threads} threads asked for, on \\d+ processors?`),
    );
    assert.is((await model.generate('Once upon a time', options)).text, text);
    assert.equal(await model.score(text), await one.score(text));
    model.dispose();
  }
  await ended();
});

test('a small model runs on the caller’s own thread, and the runtime says why', async () => {
  const { runtime } = await loadModel(storiesTiny);
  assert.is(runtime.threads, 1);
  assert.match(runtime.threadsReason, /of this size/);
  assert.is(workers.size, 0);
});

test('threads must be a count or auto', async () => {
  for (const threads of [0, -1, 1.5, 65, Number.NaN, '2', null]) {
    const { message } = await thrown(
      () => loadModel(storiesTiny, { threads: threads as number }),
      'invalid-option',
    );
    assert.match(message, /threads.*'auto' or an integer from 1 to 64/);
  }
});

test('sessions take turns', async () => {
  const model = await loadModel(storiesTiny, { threads: 2 });
  const options = { temperature: 0, maxTokens: 30 };
  const alone = [];
  for (const prompt of ['The cat', 'One day', 'Lily'])
    alone.push((await model.generate(prompt, options)).text);
  const together = await Promise.all(
    ['The cat', 'One day', 'Lily'].map((prompt) => model.generate(prompt, options)),
  );
  assert.equal(
    together.map(({ text }) => text),
    alone,
  );
  model.dispose();
});

test('other tasks run while a prompt is evaluated', async () => {
  const model = await loadModel(storiesTiny, { threads: 2 });
  let most = 0;
  // Several attempts, since a busy machine may give this thread no time during one.
  for (let attempt = 0; attempt < 20 && most <= 20; attempt++) {
    const turns = countTurns();
    await model.score(Array.from({ length: 250 }, (_, i) => i));
    turns.stop();
    most = Math.max(most, turns.taken());
  }
  // Two blocks: if the caller's own thread computed them, only one or two turns would pass between slices.
  assert.ok(most > 20, `${most} turns`);
  model.dispose();
});

test('a worker that dies ends the generation with an error, and the model can be loaded again', async () => {
  const model = await loadModel(storiesTiny, { threads: 2 });
  let tokens = 0;
  const error = await thrown(async () => {
    for await (const _ of model.stream('Once', LONG)) if (++tokens === 3) void [...workers][1]?.terminate();
  }, 'runtime');
  assert.match(error.message, /worker.*load the model again/);
  await ended();
  await thrown(() => model.generate('Once', LONG), 'runtime');
  const again = await loadModel(storiesTiny, { threads: 2 });
  assert.is((await again.generate('Once', { ...LONG, maxTokens: 3 })).tokens.length, 3);
  again.dispose();
});

test('a worker that dies between two calls is noticed by the next', async () => {
  const model = await loadModel(storiesTiny, { threads: 2 });
  await [...workers][0]?.terminate();
  await ended();
  await thrown(() => model.generate('Once', LONG), 'runtime');
});

test('dispose ends the workers and the generation under way', async () => {
  const model = await loadModel(storiesTiny, { threads: 2 });
  const generation = thrown(() => model.generate('Once', LONG), 'disposed');
  await new Promise((resolve) => setTimeout(resolve, 5));
  model.dispose();
  await generation;
  await ended();
});

test('a loading that is aborted leaves no worker', async () => {
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  const options = { threads: 2, signal: controller.signal, onProgress };
  await thrown(() => loadModel(storiesTiny, options), 'aborted');
  await ended();
});

test('a process ends by itself, its model not disposed', () => {
  const script = `
    import { embeddedModel, loadModel } from './build/esm/index.js';
    const model = await loadModel(embeddedModel, { threads: 2 });
    const { text } = await model.generate('Once', { maxTokens: 5, ignoreEos: true });
    console.log(String(text.length > 0), String(model.runtime.threads));`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const node = ['--input-type=module', '-e', script];
  const { stdout, status } = spawnSync(process.execPath, node, { cwd, encoding: 'utf8', timeout: 300_000 });
  assert.is(stdout, 'true 2\n');
  assert.is(status, 0);
});

test.run();
