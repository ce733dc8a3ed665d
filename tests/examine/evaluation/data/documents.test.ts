import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskConfig } from '../../../../src/examine/evaluation/config/task_config.js';
import { readDocuments } from '../../../../src/examine/evaluation/data/documents.js';
import { inFolder } from '../../../support/in_folder.js';
import { thrown } from '../../../support/thrown.js';

const config = { task: 'quiz', dataset_name: 'small' } as TaskConfig;
const read = (source: Parameters<typeof readDocuments>[0], limit = Number.POSITIVE_INFINITY) =>
  readDocuments(source, config, limit, undefined);

const DOCS = [
  { q: 'Wer? é', n: 3, choices: { label: ['A', 'B'], text: ['x', 'y'] } },
  { q: 'Was?\n', n: -1, choices: { label: ['A'], text: ['z'] } },
  { q: '', n: 0, choices: { label: [], text: [] } },
];
const LINES = DOCS.map((doc) => `${JSON.stringify(doc)}\n`).join('\n');

/** The same rows as a column store has them. */
const parquet = (codec: 'SNAPPY' | 'UNCOMPRESSED') =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'q', data: DOCS.map(({ q }) => q), type: 'STRING' },
        { name: 'n', data: DOCS.map(({ n }) => BigInt(n)), type: 'INT64' },
        { name: 'choices', data: DOCS.map(({ choices }) => choices), type: 'JSON' },
      ],
      codec,
    }),
  );

test('documents come from lists, JSON lines, Parquet, blobs, bytes and folders, up to a limit', async () => {
  assert.equal(await read(DOCS), DOCS);
  assert.equal(await read(DOCS, 2), DOCS.slice(0, 2));
  const files = {
    'a.jsonl': LINES,
    'b.ndjson.gz': gzipSync(LINES),
    'c.parquet': parquet('SNAPPY'),
    'tasks/quiz.jsonl': LINES,
    'tasks/other.jsonl': '{}\n',
    'sets/small.parquet': parquet('UNCOMPRESSED'),
  };
  await inFolder(files, async (folder) => {
    for (const name of ['a.jsonl', 'b.ndjson.gz', 'c.parquet', 'tasks', 'sets']) {
      assert.equal(await read(join(folder, name)), DOCS, name);
      assert.equal(await read(join(folder, name), 1), DOCS.slice(0, 1), name);
    }
    const bytes = new Uint8Array(readFileSync(join(folder, 'c.parquet')));
    assert.equal(await read(new TextEncoder().encode(LINES).buffer), DOCS);
    const two = [new Blob([LINES]), bytes];
    assert.equal(await read(two), [...DOCS, ...DOCS]);
    assert.equal(await read(two, 4), [...DOCS, DOCS[0]!]);
    const missing = { task: 'none' } as TaskConfig;
    const inTasks = () => readDocuments(join(folder, 'tasks'), missing, 1, undefined);
    await thrown(inTasks, 'not-found', /several files, and none for none/);
  });
});

test('wrong files are refused with their place', async () => {
  await thrown(() => read(new Blob(['{"a":1}\n{"a":'])), 'invalid-file', /the data of quiz line 2/);
  await thrown(() => read(new Blob(['[1]\n'])), 'invalid-file', /line 1 must hold a JSON object/);
  await thrown(() => read(new Blob([])), 'invalid-file', /no documents/);
  await thrown(() => read('no/such.jsonl'), 'not-found', /no\/such\.jsonl/);
  const whole = parquet('SNAPPY');
  for (const length of [4, 12, whole.length - 9, whole.length - 1]) {
    await thrown(() => read(whole.slice(0, length)), 'invalid-file', /cannot be read as Parquet/);
  }
});

test.run();
