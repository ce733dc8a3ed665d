import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LoadedModel, loadedModels } from '../../../src/generate/loaded_models.js';
import { Gpt2Error, loadModel, type Model } from '../../../src/index.js';
import { createHandler, type HandlerOptions } from '../../../src/server.js';
import { writeAdapter } from '../../../src/train.js';
import { randomAdapter } from '../../support/adapters.js';
import { memoryTarget } from '../../support/memory_target.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { ask, eventsOf, request } from '../../support/serving.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { until } from '../../support/until.js';
import { watchWorkers } from '../../support/workers.js';

const COMPLETIONS = '/v1/completions';
const tiny = fileURLToPath(storiesTiny);
const load = () => loadModel(tiny, { build: 'simd' });
const BODY = { prompt: 'Once', max_tokens: 4, temperature: 0 };

/** Loaders of one byte each that count what they do. */
function counted(...names: string[]) {
  const loads: string[] = [];
  const loaded = new Set<Model>();
  let most = 0;
  const loader = (name: string) => ({
    bytes: 1,
    load: async () => {
      loads.push(name);
      const model = await load();
      for (const other of loaded) if (await isDisposed(other)) loaded.delete(other);
      loaded.add(model);
      most = Math.max(most, loaded.size);
      return model;
    },
  });
  const models = Object.fromEntries(names.map((name) => [name, loader(name)]));
  return { models, loads, most: () => most };
}

const isDisposed = (model: Model) =>
  model.score([1, 2]).then(
    () => false,
    (error) => error.code === 'disposed',
  );

const asked = (handler: Parameters<typeof ask>[0], model: string) =>
  ask(handler, COMPLETIONS, { ...BODY, model });

test('the model that was not used for longest leaves its place', async () => {
  const { models, loads, most } = counted('a', 'b', 'c');
  const handler = createHandler({ models, maxMemory: 2 });
  await handler.load();
  assert.equal(loads, ['a', 'b']);
  for (const name of ['a', 'c', 'a', 'c', 'b', 'a']) {
    const { status, body } = await asked(handler, name);
    assert.equal([status, body.model], [200, name]);
  }
  assert.equal(loads, ['a', 'b', 'c', 'b', 'a']);
  assert.is(most(), 2);
  await handler.close();
});

test('a model that answers stays, and those who come later wait for their turn', async () => {
  const { models, loads, most } = counted('a', 'b');
  const handler = createHandler({ models, maxMemory: 1 });
  const events = eventsOf(
    await handler.fetch(request(COMPLETIONS, { ...BODY, model: 'a', max_tokens: 9, stream: true })),
  );
  await events.next();
  const order: string[] = [];
  const note = (name: string) => asked(handler, name).then(({ status }) => order.push(`${name} ${status}`));
  const others = [note('b'), note('a')];
  const leaves = new AbortController();
  const left = ask(handler, COMPLETIONS, { ...BODY, model: 'b' }, { signal: leaves.signal });
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal([loads, order], [['a'], []]);
  leaves.abort();
  assert.is((await left).status, 499);
  let last = '';
  for await (const event of events) last = event;
  assert.is(last, '[DONE]');
  await Promise.all(others);
  assert.equal(
    [order, loads],
    [
      ['b 200', 'a 200'],
      ['a', 'b', 'a'],
    ],
  );
  assert.is(most(), 1);
  await handler.close();
});

test('many requests for more models than fit are answered as alone', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const { models, most } = counted(...names);
  const handler = createHandler({ models, maxMemory: 2 });
  const random = randomSource(freshSeed('requests for many models'));
  const model = await load();
  const bodies = Array.from({ length: 40 }, (_, i) => ({
    ...{ prompt: `Once ${i}`, seed: i, max_tokens: 1 + random.below(6) },
    model: names[random.below(4)]!,
  }));
  const answers = await Promise.all(bodies.map((body) => ask(handler, COMPLETIONS, body)));
  for (const [i, { prompt, seed, max_tokens: maxTokens }] of bodies.entries()) {
    const { text } = await model.generate(prompt, { seed, maxTokens, temperature: 1, topP: 1 });
    assert.is(answers[i]!.body.choices[0].text, text);
  }
  assert.is(most(), 2);
  model.dispose();
  await handler.close();
});

test('adapters are served under their names, also after their model left and came back', async () => {
  const model = await load();
  const target = memoryTarget();
  await writeAdapter(target, randomAdapter(model.config, 1, 2, ['attn.c_attn']), 'tiny');
  const adapted = await model.withAdapters([target.files]);
  const text = async (from: Model) => (await from.generate('Once', { maxTokens: 4, temperature: 0 })).text;
  const [plain, changed] = [await text(model), await text(adapted)];
  assert.is.not(plain, changed);
  const { models, loads } = counted('a', 'b');
  const adapters = { poems: { model: 'a', adapters: [target.files] } };
  for (const given of [{ models, maxMemory: 1 }, { models: { a: model, b: model } }] as HandlerOptions[]) {
    const handler = createHandler({ ...given, adapters });
    const { data } = (await ask(handler, '/v1/models')).body;
    assert.equal(
      data.map(({ id }: { id: string }) => id),
      ['a', 'b', 'poems'],
    );
    for (const [name, expected] of [
      ['poems', changed],
      ['b', plain],
      ['poems', changed],
      ['a', plain],
    ] as const) {
      const { body } = await asked(handler, name);
      assert.equal([body.model, body.choices[0].text], [name, expected]);
    }
    await handler.close();
  }
  assert.equal(loads, ['a', 'b', 'a']);
  assert.is(await text(model), plain);
  model.dispose();
});

test('a loader that fails is tried again, and harms no other model', async () => {
  let loads = 0;
  const broken = {
    bytes: 1,
    load: async () => {
      if (loads++ === 0) throw new Gpt2Error('not-found', 'no file');
      return load();
    },
  };
  const handler = createHandler({ models: { broken, ...counted('a').models }, maxMemory: 1 });
  const statuses = [];
  for (const name of ['broken', 'a', 'broken']) statuses.push((await asked(handler, name)).status);
  assert.equal(statuses, [503, 200, 200]);
  await handler.close();
  loads = 0;
  const early = createHandler({ models: { broken } });
  await thrown(() => early.load(), 'not-found', 'no file');
  for (const other of [null, {}]) {
    const wrong = createHandler({ models: { wrong: async () => other as never } });
    assert.is((await asked(wrong, 'wrong')).body.error.code, 'model_not_loaded');
    await thrown(() => wrong.load(), 'invalid-option', 'load function', 'must be a model of this thread');
    await wrong.close();
  }
  await early.close();
});

test('a model whose thread has died is loaded again', async () => {
  const { running, ended } = watchWorkers();
  let loads = 0;
  const handler = createHandler({
    models: {
      a: async () => {
        loads++;
        return loadModel(tiny, { build: 'simd', threads: 2 });
      },
    },
  });
  const { text } = (await asked(handler, 'a')).body.choices[0];
  await [...running][1]!.terminate();
  await ended();
  const failed = await asked(handler, 'a');
  assert.is(failed.status, 500);
  // Those that come before it is noticed fail too.
  await until(async () => (await asked(handler, 'a')).status === 200);
  assert.is((await asked(handler, 'a')).body.choices[0].text, text);
  assert.is(loads, 2);
  await handler.close();
});

test('a client that leaves before its model is loaded keeps it from nobody else', async () => {
  const handler = createHandler({ models: counted('a').models });
  const left = new AbortController();
  const first = handler.fetch(request(COMPLETIONS, { ...BODY, model: 'a' }, { signal: left.signal }));
  left.abort();
  assert.is((await first).status, 499);
  assert.is((await asked(handler, 'a')).status, 200);
  await handler.close();
});

test('adapters that do not come are not waited for longer than a request may take', async () => {
  const model = { withAdapters: () => new Promise(() => {}), dispose() {} } as unknown as Model;
  loadedModels.set(model, {} as LoadedModel);
  const handler = createHandler({
    models: { a: async () => model },
    adapters: { poems: { model: 'a', adapters: [] } },
    limits: { requestMs: 30 },
  });
  assert.is((await asked(handler, 'poems')).status, 504);
  await handler.close();
});

test('wrong memory and adapters are refused', async () => {
  const { models } = counted('a');
  const wrong = (options: object, message: string) =>
    thrown(() => createHandler({ models, ...options } as never), 'invalid-option', message);
  await wrong({ maxMemory: 0 }, 'maxMemory');
  await wrong({ maxMemory: 0.5 }, 'models.a.bytes');
  await wrong({ models: { a: load }, maxMemory: 5 }, 'models.a.bytes is undefined');
  await wrong({ adapters: { a: { model: 'a', adapters: [] } } }, 'adapters.a');
  await wrong({ adapters: { b: { model: 'c', adapters: [] } } }, 'adapters.b.model is "c"');
  await wrong({ adapters: { b: 5 } }, 'adapters.b is 5');
  await wrong({ adapters: null }, 'adapters is null');
});

test.run();
