import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTask } from '../../../../src/examine/evaluation/config/parse_task.js';
import { findTasks } from '../../../../src/examine/evaluation/find_tasks.js';
import { inFolder } from '../../../support/in_folder.js';
import { thrown } from '../../../support/thrown.js';

const YAML = `
task: quiz            # a comment
dataset_path: owner/quiz
dataset_name: null
output_type: multiple_choice
process_docs: !function utils.process_docs
doc_to_text: |
  Question: {{q}}
  Answer:
doc_to_target: 1
doc_to_choice: ["no", 'yes']
num_fewshot: 5
should_decontaminate: true
metric_list:
  - metric: acc
    higher_is_better: true
metadata: { version: 1.0 }
`;

test("a task is read from the harness's YAML, with functions by name", async () => {
  assert.equal(await parseTask(YAML), {
    task: 'quiz',
    dataset_path: 'owner/quiz',
    dataset_name: null,
    output_type: 'multiple_choice',
    process_docs: { function: 'utils.process_docs' },
    doc_to_text: 'Question: {{q}}\nAnswer:\n',
    doc_to_target: 1,
    doc_to_choice: ['no', 'yes'],
    num_fewshot: 5,
    should_decontaminate: true,
    metric_list: [{ metric: 'acc', higher_is_better: true }],
    metadata: { version: 1 },
  });
});

test('a file takes the fields of another that it includes, beside it', async () => {
  const files = {
    'tasks/base.yaml': YAML.replace('task: quiz', 'description: base'),
    'tasks/own.yaml': 'include: base.yaml\ntask: own\ndoc_to_target: 0\n',
    'tasks/loop.yaml': 'include: loop.yaml\n',
    'tasks/group.yaml': 'group: g\ntask: [own.yaml, own.yaml]\n',
    'tasks/many.yaml': 'group: g\ntask: [many.yaml, many.yaml]\n',
    'tasks/long.yaml': `# ${'x'.repeat(5e6)}`,
    'tasks/bytes.yaml': new Uint8Array([0xff, 0xfe]),
  };
  await inFolder(files, async (folder) => {
    const { tasks } = await findTasks([join(folder, 'tasks/own.yaml')]);
    assert.equal([tasks[0]!.task, tasks[0]!.doc_to_target, tasks[0]!.description], ['own', 0, 'base']);
    await thrown(() => findTasks([join(folder, 'tasks/loop.yaml')]), 'invalid-file', /includes "loop\.yaml"/);
    await thrown(() => findTasks([join(folder, 'tasks/bytes.yaml')]), 'invalid-file', /not UTF-8/);
    await thrown(() => findTasks([join(folder, 'none.yaml')]), 'not-found');
    await thrown(() => findTasks([join(folder, 'tasks/many.yaml')]), 'invalid-file', /one task too many/);
    await thrown(() => findTasks([join(folder, 'tasks/long.yaml')]), 'invalid-file', /long/);
    const group = await findTasks([join(folder, 'tasks/group.yaml'), join(folder, 'tasks/own.yaml')]);
    assert.equal(group.groups[0]!.tasks, ['own']);
    assert.is(group.tasks.length, 1);
  });
});

test('what is no text is no task file', async () => {
  await thrown(() => parseTask(new Uint8Array(3) as never), 'invalid-option', 'text is an object');
});

test('wrong files are refused with what is wrong', async () => {
  const wrong = (yaml: string, ...words: RegExp[]) =>
    thrown(() => parseTask(yaml, 'x.yaml'), 'invalid-file', ...words);
  await wrong('', /x\.yaml must hold the fields of a task/);
  await wrong('task: secret\nnames: [', /x\.yaml is no valid YAML: [a-z ]+ in line 2$/);
  await wrong('a: 1\na: 2\n', /is no valid YAML: keys must be unique; one comes again in line 2/);
  await wrong('task: x\nmetadata: {a: 1, b: {c: 1,\n\n c: 2}}\n', /unique; one comes again in line 4/);
  await wrong('task: x\n', /has no output_type, doc_to_text, doc_to_target, metric_list/);
  await wrong(YAML.replace('num_fewshot', 'num_few_shot'), /field num_few_shot.*did you mean num_fewshot/);
  await wrong(YAML.replace('num_fewshot: 5', 'num_fewshot: -5'), /num_fewshot -5; it must be a number/);
  await wrong(YAML.replace('doc_to_choice', 'description'), /description an array; it must be a text/);
  await wrong(YAML.replace(/doc_to_choice.*/, ''), /no doc_to_choice/);
  await wrong(YAML.replace('metric: acc', 'metrics: acc'), /metric_list/);
  await wrong(`${YAML}generation_kwargs:\n  constructor: 1\n`, /generation_kwargs/);
  await wrong('include: other.yaml\ntask: x\n', /includes "other\.yaml", which cannot be read here/);
  await wrong('task: !unknown x\n', /tag resolve failed in line 1$/);
  const bomb = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`);
  const deep = [
    `a: ${'['.repeat(3000)}`,
    `a: ${'{b: '.repeat(3000)}`,
    `a:\n  ${'- '.repeat(3000)}b`,
    '? '.repeat(3000),
  ];
  for (const text of deep) await wrong(`task: x\n${text}`, /nested more than 100 levels deep/);
  await wrong(`a0: &a0 [x]\n${bomb.join('')}task: x\n`, /is no valid YAML|field a0/);
});

test.run();
