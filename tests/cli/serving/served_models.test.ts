import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { servedModels } from '../../../src/cli/serving/served_models.js';
import { inspectModel } from '../../../src/index.js';
import type { ModelLoader } from '../../../src/server.js';
import { writeAdapter } from '../../../src/train.js';
import { randomAdapter } from '../../support/adapters.js';
import { inFolder, writeFiles } from '../../support/in_folder.js';
import { memoryTarget } from '../../support/memory_target.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const MEBIBYTE = 2 ** 20;

test('the room of a model has all its adapters, which then work beside each other', () =>
  inFolder({}, async (folder) => {
    const model = storiesTiny.pathname;
    const { config, memory } = await inspectModel(model);
    const target = memoryTarget();
    // An adapter of several MiB.
    await writeAdapter(target, randomAdapter(config, 1, 512, ['attn.c_attn', 'mlp.c_fc']), model);
    writeFiles(folder, target.files);
    const { signal } = new AbortController();
    const room = Math.ceil(memory.total / MEBIBYTE) + 3;
    const adapter = ['a', 'b'].map((name) => ({ name, model: undefined, choice: folder }));
    const values = { model: [{ name: 'm', source: model }], adapter, quiet: true as const };
    await thrown(
      () => servedModels({ ...values, maxMemory: room }, signal),
      'invalid-option',
      /or more, which m needs for one text and its adapters$/,
    );
    const message = await servedModels({ ...values, maxMemory: room }, signal).catch(
      (error) => error.message,
    );
    const least = Number(/it must be (\d+) or more/.exec(message)![1]);
    assert.ok(least > room + 4, message);
    const { models } = await servedModels({ ...values, maxMemory: least }, signal);
    const loaded = await (models.m as ModelLoader).load();
    const [a, b] = [await loaded.withAdapters([folder]), await loaded.withAdapters([folder])];
    const ids = Array.from({ length: config.contextLength - 4 }, (_, i) => i % 90);
    for (const each of [a, b, loaded]) await each.generate(ids, { maxTokens: 4 });
    loaded.dispose();
  }));

test('an adapter that cannot be read is no surprise for the first request', () =>
  inFolder({}, async (folder) => {
    const adapter = [{ name: 'poems', model: undefined, choice: join(folder, 'none') }];
    const values = { model: [{ name: 'm', source: storiesTiny.pathname }], adapter, quiet: true as const };
    const { models } = await servedModels(values, new AbortController().signal);
    await thrown(() => (models.m as ModelLoader).load(), 'not-found', /none/);
  }));

test('a name may be that of a property of all objects', async () => {
  const [model, adapter] = ['__proto__', 'constructor'];
  const values = {
    model: [{ name: model, source: storiesTiny.pathname }],
    adapter: [{ name: adapter, model: undefined, choice: 'poems' }],
    quiet: true as const,
  };
  const { models, adapters } = await servedModels(values, new AbortController().signal);
  assert.equal([Object.keys(models), Object.keys(adapters!)], [[model], [adapter]]);
});

test.run();
