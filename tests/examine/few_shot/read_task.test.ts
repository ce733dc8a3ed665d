import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTask } from '../../../src/examine.js';
import { thrown } from '../../support/thrown.js';

const FIELDS = {
  examples: [
    { input: 'a', label: 'x' },
    { input: 'b', label: 'y' },
  ],
  choices: ['x', 'y'],
  shots: 2,
};
const taskOf = (fields: object, changes = {}) =>
  readTask(JSON.stringify({ ...FIELDS, ...fields }), 'f.json', changes);

test('a file has the options of FewShot, and inputs to test', async () => {
  const {
    task,
    test: inputs,
    contentFree,
  } = await taskOf({
    test: [{ input: 'c', label: 'y' }],
    query: '{input} = {label}',
    separator: '; ',
    contentFree: ['?'],
  });
  assert.is(task.prompt('c'), 'a = x; b = y; c = ');
  assert.equal(inputs, [{ input: 'c', label: 'y' }]);
  assert.equal(contentFree, ['?']);
  assert.equal((await taskOf({})).test, []);
});

test('the caller decides shots and seed', async () => {
  const promptOf = async (fields: object, changes = {}) => (await taskOf(fields, changes)).task.prompt('c');
  assert.is(await promptOf({}, { shots: 0 }), 'Input: c\nLabel: ');
  assert.is(await promptOf({ seed: 4 }), await promptOf({ seed: 1 }, { seed: 4 }));
});

test('a file may be YAML', async () => {
  const yaml = 'choices: [x, y]\nquery: "{input} = {label}"\ntest:\n  - input: c\n    label: y\n';
  const { task, test: inputs } = await readTask(yaml, 'f.yaml');
  assert.is(task.prompt('c'), 'c = ');
  assert.equal(inputs, [{ input: 'c', label: 'y' }]);
  await thrown(() => readTask('choices: [x', 'f.yaml'), 'invalid-file', 'f.yaml');
  await thrown(() => readTask('just a text', 'f.yaml'), 'invalid-file', 'f.yaml');
});

test('files that are no tasks are refused', async () => {
  await thrown(() => readTask('[', 'f.json'), 'invalid-file', 'f.json');
  await thrown(() => readTask('[]', 'f.json'), 'invalid-file', 'f.json');
  await thrown(() => taskOf({ choices: [] }), 'invalid-file', 'f.json', 'choices');
  await thrown(() => taskOf({ examples: {} }), 'invalid-file', 'examples');
  await thrown(() => taskOf({ test: [{ input: 'c', label: 'z' }] }), 'invalid-file', 'test[0].label');
  await thrown(() => taskOf({ contentFree: 'N/A' }), 'invalid-file', 'contentFree');
  await thrown(() => taskOf({ tests: [] }), 'invalid-file', 'did you mean test');
});

test.run();
