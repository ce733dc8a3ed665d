import { parquetWriteBuffer } from 'hyparquet-writer';
import { readDocuments } from '../../../src/examine/evaluation/data/documents.js';
import { parseTask, readTask } from '../../../src/examine.js';
import { COMMON, derived, type Grammar } from '../grammar.js';
import { type Target, text, textOf } from '../target.js';

const DOCS = [
  { q: 'One?', n: 1, choices: ['a', 'b'], f: 0.5 },
  { q: 'Two?', n: 2, choices: [], f: 1.5 },
];

const parquet = (codec: 'SNAPPY' | 'UNCOMPRESSED') =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'q', data: DOCS.map(({ q }) => q), type: 'STRING' },
        { name: 'n', data: DOCS.map(({ n }) => BigInt(n)), type: 'INT64' },
        { name: 'f', data: DOCS.map(({ f }) => f), type: 'DOUBLE' },
        { name: 'choices', data: DOCS.map(({ choices }) => choices), type: 'JSON' },
      ],
      codec,
    }),
  );

/** Documents of tasks: JSON lines or Parquet. */
export const TASK_DATA: Target = {
  ...{ name: 'task-data', kind: 'bytes' },
  words: ['PAR1', '{"q":', '\n', '"', '\\ud800'],
  seeds: () => [
    parquet('SNAPPY'),
    parquet('UNCOMPRESSED'),
    text(DOCS.map((doc) => JSON.stringify(doc)).join('\n')),
  ],
  read: (input) => readDocuments(input.slice(), { task: 'x' } as never, 1000, AbortSignal.timeout(1500)),
};

const YAML = `task: quiz            # a comment
output_type: multiple_choice
process_docs: !function utils.process_docs
doc_to_text: |
  Question: {{q}}
  Answer:
doc_to_target: 1
doc_to_choice: ["no", 'yes']
metric_list:
  - metric: acc
    higher_is_better: true
filter_list:
  - name: strict
    filter:
      - function: regex
        regex_pattern: "(\\\\d+)"
      - function: take_first
metadata: { version: 1.0 }
`;

const GRAMMAR: Grammar = {
  ...COMMON,
  start: ['task: x\noutput_type: <type>\n<fields>', 'group: g\ntask: [x, y]\n<fields>', '<fields>'],
  type: ['multiple_choice', 'generate_until', 'loglikelihood', 'loglikelihood_rolling', '<scalar>'],
  fields: ['<field>\n', '<field>\n<fields>'],
  field: [
    ...[
      'doc_to_text: <template>',
      'doc_to_target: <template>',
      'doc_to_choice: <list>',
      'num_fewshot: <number>',
    ],
    ...['generation_kwargs: {until: <list>, max_gen_toks: <number>}', 'metric_list:\n  - metric: <metric>'],
    ...[
      'filter_list:\n  - name: a\n    filter:\n      - function: <filter>',
      'include: <word>',
      '<word>: <value>',
    ],
    ...[
      'description: <scalar>',
      'target_delimiter: <scalar>',
      'repeats: <number>',
      'tag: <list>',
      'a: &x <value>',
    ],
    ...[
      'b: *x',
      '<<: *x',
      'doc_to_text: >-\n  <word>\n  <word>',
      'process_docs: !function a.<word>',
      `d: ${'['.repeat(3000)}`,
      `e:\n  ${'- '.repeat(3000)}<scalar>`,
      'c: !!binary aa==',
    ],
  ],
  metric: [
    'acc',
    'acc_norm',
    'exact_match',
    'perplexity',
    'bleu',
    'f1',
    '<word>',
    'acc\n    aggregation: <word>',
  ],
  filter: [
    'take_first',
    'regex',
    'regex\n        regex_pattern: <json_text>',
    'lowercase',
    'remove_whitespace',
    '<word>',
  ],
  template: [
    '<word>',
    '"{{q}}"',
    "'{{q | trim}}'",
    '"{{choices[n]}}"',
    '"{% if n %}a{% endif %}"',
    '<value>',
  ],
  value: [
    '<scalar>',
    '<list>',
    '{a: <value>}',
    '\n  - <scalar>\n  - <scalar>',
    '|\n  <word>\n',
    '[<value>, <value>]',
  ],
  list: ['[]', '["no", \'yes\']', '[<scalar>, <scalar>]', '<scalar>'],
  scalar: [
    '<word>',
    '<json_text>',
    '<number>',
    '<boolean>',
    'null',
    '~',
    "'<word>'",
    '0x1F',
    '.inf',
    '2020-01-01',
  ],
};

/** Task files of evaluations, in YAML. */
export const TASK_FILES: Target = {
  ...{ name: 'task-files', kind: 'text' },
  words: ['task:', 'include:', '- ', '&a', '*a', '<<:', '!function', '|', '>', '{{', '}}', ': ', '\n  '],
  seeds: () => [text(YAML)],
  fresh: (random) => text(derived(GRAMMAR, random)),
  read: (input) => parseTask(textOf(input)),
};

/** Tasks of few-shot classifiers, as JSON or CSV. */
export const FEW_SHOT_TASKS: Target = {
  ...{ name: 'few-shot-tasks', kind: 'json' },
  words: ['instruction', 'examples', 'choices', 'input', 'label', 'separator', 'shots', 'seed'],
  seeds: () => [
    text('{"instruction":"x","examples":[{"input":"a","label":"b"}],"choices":["b","c"],"shots":1}'),
  ],
  read: (input) => readTask(textOf(input) as never),
};
