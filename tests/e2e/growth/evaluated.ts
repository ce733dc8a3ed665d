import { parquetWriteBuffer } from 'hyparquet-writer';
import { readDocuments } from '../../../src/examine/evaluation/data/documents.js';
import { evaluate, parseTask, readTask, type TaskConfig } from '../../../src/examine.js';
import { bytes, type GrowthCase, range } from './growth_case.js';
import { KEPT, small } from './small.js';

const CONFIG = {
  ...{ task: 'quiz', output_type: 'multiple_choice', doc_to_text: '{{q}}', doc_to_target: 'n' },
  ...{ doc_to_choice: ['no', 'yes'], metric_list: [{ metric: 'acc' }] },
} as TaskConfig;

const read = (
  title: string,
  size: number,
  file: (size: number) => Uint8Array,
  quadratic?: string,
): GrowthCase => ({
  ...{ title: `documents of a task, ${title}`, size, quadratic },
  prepare(size) {
    const data = file(size);
    return () => readDocuments(data, CONFIG, 10_000, undefined);
  },
});

const parquet = (columns: number, rows: number, rowGroupSize = rows) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: range(columns, (i) => ({
        ...{ name: `column ${i}`, type: 'STRING' as const },
        data: range(rows, (row) => `text ${row}`),
      })),
      rowGroupSize,
    }),
  );

const DOCUMENTS: GrowthCase[] = [
  read('rows of Parquet', 200, (size) => parquet(2, size)),
  read(
    'columns of Parquet',
    25,
    (size) => parquet(size, 2),
    'hyparquet goes through all columns for each; at most 1000 are read',
  ),
  read('groups of rows of Parquet', 25, (size) => parquet(1, size, 1)),
  read('JSON lines', 200, (size) => bytes('{"q":"One?","n":1}\n'.repeat(size))),
  read('fields of a JSON line', 200, (size) => bytes(`{${range(size, (i) => `"f${i}":${i}`)}}`)),
];

const TASKS: readonly [title: string, size: number, yaml: (size: number) => string, quadratic?: string][] = [
  ['fields', 100, (size) => `metadata:\n${range(size, (i) => `  field${i}: ${i}\n`).join('')}`],
  ['lines of a text', 200, (size) => `description: |\n${'  Question:\n'.repeat(size)}`],
  ['a long quoted text', 500, (size) => `description: "${'a \\n'.repeat(size)}"\n`],
  ['choices', 100, (size) => `doc_to_choice: [${range(size, (i) => `"c${i}"`)}]\n`],
  [
    'filters',
    50,
    (size) => `filter_list:\n${'  - name: a\n    filter:\n      - function: take_first\n'.repeat(size)}`,
  ],
  [
    'aliases',
    20,
    (size) => `metadata:\n  a: &x a text\n${range(size, (i) => `  b${i}: *x\n`).join('')}`,
    'the library counts the aliases for each; at most 100 are read',
  ],
  [
    'nested lists',
    20,
    (size) => `metadata: {a: ${'['.repeat(size)}${']'.repeat(size)}}\n`,
    'each part knows all that it lies in; the stack ends before 1000',
  ],
];

const TASK = `task: quiz
output_type: generate_until
doc_to_text: '{{q}}'
doc_to_target: n
metric_list: [{metric: exact_match}]
`;

const FILES: GrowthCase[] = TASKS.map(([title, size, yaml, quadratic]) => ({
  ...{ title: `parseTask, ${title}`, size, quadratic },
  prepare(size) {
    const text = `${TASK}${yaml(size)}`;
    return () => parseTask(text);
  },
}));

export const EVALUATED: GrowthCase[] = [
  ...DOCUMENTS,
  ...FILES,
  {
    ...{ title: 'readTask, examples and tests', size: 50 },
    prepare(size) {
      const labelled = range(size, (i) => ({ input: `A text ${i}`, label: i % 2 === 0 ? 'a' : 'b' }));
      const text = JSON.stringify({ examples: labelled, choices: ['a', 'b'], test: labelled });
      return () => readTask(text);
    },
  },
  {
    ...{ title: 'evaluate, documents', size: 4, quadratic: KEPT },
    prepare: (size) => () =>
      evaluate(small, {
        ...{ task: CONFIG, data: range(size, (i) => ({ q: `Is ${i} odd?`, n: i % 2 })) },
        ...{ fewShot: 1, samples: true, bootstrapIterations: 10 },
      }),
  },
];
