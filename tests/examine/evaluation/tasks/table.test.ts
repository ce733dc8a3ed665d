import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkConfig } from '../../../../src/examine/evaluation/config/check_config.js';
import type { Doc, TaskConfig } from '../../../../src/examine/evaluation/config/task_config.js';
import { requestsOf } from '../../../../src/examine/evaluation/doc_requests.js';
import { findTasks, taskNames } from '../../../../src/examine/evaluation/find_tasks.js';
import { TaskFields } from '../../../../src/examine/evaluation/task_fields.js';
import { FUNCTIONS } from '../../../../src/examine/evaluation/tasks/functions.js';
import { templateCompiler } from '../../../../src/examine/evaluation/template/template.js';

const compile = await templateCompiler();

/** A document of each task's data set, and the context and continuations that the harness makes of it. */
const EXAMPLES: Readonly<Record<string, readonly [doc: Doc, ...pairs: (readonly [string, string])[]]>> = {
  lambada_openai: [{ text: 'He said "No.\nI am Ann' }, ['He said "No.\nI am', ' Ann']],
  lambada_standard: [{ text: 'a  b c' }, ['a  b', ' c']],
  hellaswag: [
    { query: 'Baking: Mix. Then he', choices: ['eats.', 'sings.'], label: 1 },
    ['Baking: Mix. Then he', ' eats.'],
    ['Baking: Mix. Then he', ' sings.'],
  ],
  piqa: [
    { goal: 'open a jar', sol1: 'twist', sol2: 'sing', label: 0 },
    ['Question: open a jar\nAnswer:', ' twist'],
    ['Question: open a jar\nAnswer:', ' sing'],
  ],
  arc_easy: [
    { question: 'What is 1?', choices: { text: ['one', 'two'], label: ['1', '2'] }, answerKey: '2' },
    ['Question: What is 1?\nAnswer:', ' one'],
    ['Question: What is 1?\nAnswer:', ' two'],
  ],
  arc_challenge: [
    { question: 'Why?', choices: { text: ['so'], label: ['A'] }, answerKey: 'A' },
    ['Question: Why?\nAnswer:', ' so'],
  ],
  winogrande: [
    { sentence: 'The cup hit _ because it_was loud. ', option1: 'Ann', option2: 'the dog', answer: '2' },
    ['The cup hit Ann', ' because it_was loud.'],
    ['The cup hit the dog', ' because it_was loud.'],
  ],
  sciq: [
    {
      support: ' Cells.',
      question: 'What?',
      distractor1: 'a',
      distractor2: 'b',
      distractor3: 'c',
      correct_answer: 'd',
    },
    ...['a', 'b', 'c', 'd'].map((each) => ['Cells.\nQuestion: What?\nAnswer:', ` ${each}`] as const),
  ],
  openbookqa: [
    { question_stem: 'The sun', choices: { text: ['is hot', 'is wet'], label: ['A', 'B'] }, answerKey: ' A' },
    ['The sun', ' is hot'],
    ['The sun', ' is wet'],
  ],
  boolq: [
    { passage: 'Ice floats.', question: 'does ice float', label: 1 },
    ['Ice floats.\nQuestion: does ice float?\nAnswer:', ' no'],
    ['Ice floats.\nQuestion: does ice float?\nAnswer:', ' yes'],
  ],
  blimp_adjunct_island: [
    { sentence_good: 'Who left?', sentence_bad: 'Left who?' },
    ['', ' Who left?'],
    ['', ' Left who?'],
  ],
};
const GOLD: Readonly<Record<string, number>> = {
  hellaswag: 1,
  piqa: 0,
  arc_easy: 1,
  arc_challenge: 0,
  sciq: 3,
  openbookqa: 0,
  boolq: 1,
  blimp_adjunct_island: 0,
};

test('each task makes the requests that the harness makes', async () => {
  const { tasks } = await findTasks([...taskNames(), 'blimp_adjunct_island']);
  assert.is(tasks.filter(({ task }) => task.startsWith('blimp_')).length, 67);
  for (const config of tasks) {
    checkConfig(JSON.parse(JSON.stringify(config)), config.task);
    if (config.task === 'wikitext' || !Object.hasOwn(EXAMPLES, config.task)) continue;
    const [doc, ...pairs] = EXAMPLES[config.task]!;
    const fields = new TaskFields(config as TaskConfig, compile, FUNCTIONS);
    const found = requestsOf(fields, doc, '', 0) as unknown as { context: string; continuation: string }[];
    assert.equal(
      found.map(({ context, continuation }) => [context, continuation]),
      pairs,
      config.task,
    );
    if (config.task in GOLD) assert.is(fields.target(doc), GOLD[config.task]!, config.task);
  }
  const named = tasks.map(({ task }) => task).filter((task) => !task.startsWith('blimp_'));
  const shown = Object.keys(EXAMPLES).filter((task) => !task.startsWith('blimp_'));
  assert.equal([...named].sort(), [...shown, 'wikitext'].sort());
});

test('the index of the right text of WinoGrande is that of its answer', async () => {
  const { tasks } = await findTasks(['winogrande']);
  const fields = new TaskFields(tasks[0]!, compile, FUNCTIONS);
  const [doc] = EXAMPLES.winogrande!;
  assert.ok(fields.choosesText(doc));
  assert.is(fields.text(doc), 1);
});

test.run();
