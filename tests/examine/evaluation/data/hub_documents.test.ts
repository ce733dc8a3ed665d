import { parquetWriteBuffer } from 'hyparquet-writer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskConfig } from '../../../../src/examine/evaluation/config/task_config.js';
import { hubDocuments } from '../../../../src/examine/evaluation/data/hub_documents.js';
import { evaluate } from '../../../../src/examine.js';
import { withHub } from '../../../files/hub/support.js';
import { thrown } from '../../../support/thrown.js';
import { loadLm } from '../lm_texts.js';

const lm = await loadLm();
test.after(() => lm.dispose());

const file = (questions: string[]) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'q', data: questions, type: 'STRING' },
        { name: 'gold', data: questions.map((_, i) => BigInt(i % 2)), type: 'INT64' },
      ],
    }),
  );
/** Long enough that the hub keeps the file elsewhere. */
const MANY = Array.from({ length: 300 }, (_, i) => `${(i * 7919) % 1000} is it ${(i * i) % 977}`);
const BRANCH = 'refs/convert/parquet';
const REPOS = {
  'datasets/owner/quiz': {
    refs: ['main', BRANCH],
    files: {
      'README.md': '# A data set',
      'plain/test/0000.parquet': file(MANY),
      'plain/test/0001.parquet': file(['the last']),
      'plain/train/0000.parquet': file(['an example', 'another']),
      'hard/validation/0000.parquet': file(['hard']),
    },
  },
};
const config = (more: Partial<TaskConfig> = {}): TaskConfig => ({
  task: 'quiz',
  dataset_path: 'owner/quiz',
  dataset_name: 'plain',
  test_split: 'test',
  training_split: 'train',
  output_type: 'multiple_choice',
  doc_to_text: '{{q}}',
  doc_to_target: 'gold',
  doc_to_choice: ['no', 'yes'],
  metric_list: [{ metric: 'acc' }],
  ...more,
});
const ALL = Number.POSITIVE_INFINITY;

test('a split of a data set is downloaded once, and read without a network afterwards', async () => {
  await withHub(REPOS, async ({ hub }) => {
    const docs = await hubDocuments(config(), 'test', ALL, undefined);
    assert.equal(
      docs.map(({ q }) => q),
      [...MANY, 'the last'],
    );
    assert.equal(docs[1], { q: MANY[1]!, gold: 1 });
    const sent = hub.bytesOf('plain/test/0000.parquet');
    assert.ok(sent > 0);
    assert.equal(await hubDocuments(config(), 'test', 2, undefined), docs.slice(0, 2));
    assert.is(hub.bytesOf('plain/test/0000.parquet'), sent);
    assert.is(hub.bytesOf('hard/validation/0000.parquet'), 0);
    process.env.HF_HUB_OFFLINE = '1';
    try {
      assert.equal(await hubDocuments(config(), 'test', ALL, undefined), docs);
      await thrown(() => hubDocuments(config(), 'train', 1, undefined), 'not-found', /plain\/train/);
    } finally {
      delete process.env.HF_HUB_OFFLINE;
    }
  });
});

test('an evaluation takes questions and examples from their splits', async () => {
  await withHub(REPOS, async () => {
    const { results, samples } = await evaluate(lm, {
      task: config(),
      limit: 3,
      fewShot: 1,
      samples: true,
    });
    assert.is(typeof results.quiz!['acc,none'], 'number');
    const contexts = samples!.quiz!.map((sample) => sample.arguments[0]![0] as string);
    contexts.forEach((context, i) => {
      assert.match(context, /^(an example no|another yes)\n\n/);
      assert.is(context.split('\n\n')[1], MANY[i]);
    });
  });
});

test('what a data set lacks is said with what it has', async () => {
  await withHub(REPOS, async () => {
    const missing = (more: Partial<TaskConfig>, ...words: RegExp[]) =>
      thrown(() => hubDocuments(config(more), 'test', 1, undefined), 'not-found', ...words);
    await missing({ dataset_name: 'other' }, /no other\/test; it has plain\/test, plain\/train, hard\/valid/);
    await missing({ dataset_path: 'owner/none' }, /there is no data set owner\/none at/);
    const wrong = { dataset_path: 'nowhere' };
    await thrown(() => hubDocuments(config(wrong), 'test', 1, undefined), 'invalid-option', /owner\/name/);
  });
});

test.run();
