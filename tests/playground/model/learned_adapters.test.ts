import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type LearnedAdapter,
  LearnedAdapters,
  modelKey,
} from '../../../src/playground/model/learned_adapters.js';

// Node has no IndexedDB, as a browser that denies storage.
const learned = suite('adapters learned from choices, without storage');

const adapter = (id: string, model = 'stories'): LearnedAdapter => ({
  ...{ id, name: `adapter ${id}`, files: [new File(['abc'], 'adapter_config.json')] },
  ...{ model, base: model, about: '', isOn: false },
});
const switchedOn = async (adapters: LearnedAdapters) =>
  (await adapters.list()).filter(({ isOn }) => isOn).map(({ id }) => id);

learned(
  'are kept until the page is left, the latest first, and are at risk until they are saved',
  async () => {
    const adapters = new LearnedAdapters();
    let changes = 0;
    adapters.onChange(() => changes++);
    assert.not(adapters.isAtRisk);
    assert.is(await adapters.keep(adapter('1')), false, 'the browser does not store it');
    await adapters.keep(adapter('2'));
    assert.equal(
      (await adapters.list()).map(({ id }) => id),
      ['2', '1'],
    );
    adapters.noteSaved('1');
    assert.ok(adapters.isAtRisk, 'the other is not saved');
    await adapters.remove('2');
    assert.not(adapters.isAtRisk);
    assert.is(changes, 3);
  },
);

learned('of one model, one is switched on at a time; those of others stay', async () => {
  const adapters = new LearnedAdapters();
  for (const each of [adapter('1'), adapter('2'), adapter('3', 'other')]) await adapters.keep(each);
  await adapters.switchOn('stories', '1');
  await adapters.switchOn('other', '3');
  await adapters.switchOn('stories', '2');
  assert.equal(await switchedOn(adapters), ['3', '2']);
  await adapters.switchOn('stories', undefined);
  assert.equal(await switchedOn(adapters), ['3']);
});

learned('belong to a model by its address, or by name and size of its files', () => {
  assert.is(modelKey({ source: './a.gguf', base: 'a' }), './a.gguf');
  const file = (content: string) => new File([content], 'a.gguf');
  const key = modelKey({ source: file('12345'), base: 'a' });
  assert.is(modelKey({ source: file('54321'), base: 'a' }), key, 'as after a reload');
  assert.is.not(modelKey({ source: file('123456'), base: 'a' }), key);
  assert.is.not(modelKey({ source: file('12345'), base: 'b' }), key);
});

learned.run();
