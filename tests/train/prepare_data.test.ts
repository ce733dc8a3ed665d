import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DocumentPart } from '../../src/files/data_file.js';
import { Trainer } from '../../src/train/trainer.js';
import type { TrainingStep } from '../../src/train/training_step.js';
import { thrown } from '../support/thrown.js';
import { OPTIONS, run, STORIES } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-data-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Stories that share no long sequence of tokens. */
const OTHERS = STORIES.slice(0, 10).map((_, i) => `${String.fromCharCode(97 + i)} `.repeat(20 + i));

/** The numbers of steps that do not depend on time. */
const losses = (steps: readonly TrainingStep[]) =>
  steps.map(({ loss, gradNorm, validationLoss }) => [loss, gradNorm, validationLoss]);

test('a run without near-duplicates is the run of the other documents, bit for bit', async () => {
  const [first, second, ...rest] = STORIES;
  // Documents that are left out come after those they are like.
  const data = [first!, second!, first!, ...rest, `${second} Ox`, `${rest[0]}`];
  const trainer = await Trainer.create({ ...OPTIONS, steps: 4, data, deduplicate: { threshold: 0.9 } });
  const kept = await Trainer.create({ ...OPTIONS, steps: 4, data: [first!, second!, ...rest] });
  assert.equal(losses(await run(trainer)), losses(await run(kept)));
  const { duplicates } = trainer.report;
  assert.equal([duplicates.exact, duplicates.near, duplicates.leftOut], [2, 1, 3]);
  const [note] = trainer.notes;
  assert.match(note!, /left out 3 of 43 documents: 2 equal to an earlier one, 1 near-duplicate/);
  assert.match(note!, /data line 42 \(9\d % as data line 2\)/);
  trainer.dispose();
  kept.dispose();
});

test('held-out documents that are in the training documents are named with file and line', async () => {
  const part = (text: string, line: number): DocumentPart => {
    return { file: 'notes.txt', line, prompt: '', text, last: true };
  };
  const data = [...OTHERS, ...OTHERS].map((text, i) => part(text, 10 * i + 1));
  const options = { ...OPTIONS, data, validation: 0.1 };
  const trainer = await Trainer.create(options);
  const { leaks } = trainer.report;
  assert.equal([leaks.checked, leaks.leaked], [2, 2]);
  const { document, source } = leaks.examples[0]!;
  assert.is(Math.abs(document.line - source.line), 100);
  assert.is(trainer.notes.length, 1);
  assert.match(trainer.notes[0]!, '2 of 2 held-out documents');
  assert.match(
    trainer.notes[0]!,
    `notes.txt line ${document.line} (100 %, most in notes.txt line ${source.line})`,
  );
  assert.match(trainer.notes[0]!, 'set deduplicate');
  trainer.dispose();
  const clean = await Trainer.create({ ...options, deduplicate: true });
  assert.equal([clean.report.leaks.leaked, clean.data.training.documents], [0, 9]);
  assert.is(clean.notes.length, 1);
  assert.match(clean.notes[0]!, 'left out 10 of 20 documents');
  clean.dispose();
});

test('a run with a curriculum and without near-duplicates is resumed bit for bit, and only with both', async () => {
  const options = { ...OPTIONS, steps: 6, data: [...STORIES, ...STORIES.slice(3)] };
  const care = { deduplicate: { threshold: 0.95 }, curriculum: 'length' } as const;
  const whole = await Trainer.create({ ...options, ...care });
  const want = losses(await run(whole));
  whole.dispose();
  const checkpoints = join(folder, 'run');
  const stopped = await Trainer.create({ ...options, ...care, checkpoints });
  await run(stopped, 3);
  await stopped.saveState();
  stopped.dispose();
  const again = { ...options, checkpoints, resume: true };
  await thrown(
    () => Trainer.create({ ...again, curriculum: 'length' }),
    'invalid-option',
    'deduplicate {"threshold":0.95',
  );
  await thrown(
    () => Trainer.create({ ...again, deduplicate: care.deduplicate }),
    'invalid-option',
    'curriculum',
  );
  const resumed = await Trainer.create({ ...again, ...care });
  assert.equal(losses(await run(resumed)), want.slice(3));
  resumed.dispose();
});

test('one document that is left is split, and one without enough tokens is refused', async () => {
  const same = await Trainer.create({ ...OPTIONS, data: new Array(9).fill(STORIES[0]), deduplicate: true });
  const { training, validation } = same.data;
  assert.equal([training.documents, validation.documents, same.report.duplicates.leftOut], [1, 1, 8]);
  assert.match(same.notes[0]!, 'left out 8 of 9 documents');
  same.dispose();
  const single = { ...OPTIONS, data: ['a', 'a', 'a'], deduplicate: true };
  await thrown(() => Trainer.create(single), 'invalid-file', 'one document with a single token');
  await thrown(() => Trainer.create({ ...OPTIONS, data: [], deduplicate: true }), 'invalid-file', 'no text');
});

test('other values of the options are refused', async () => {
  const refused = (options: object, ...words: string[]) =>
    thrown(() => Trainer.create({ ...OPTIONS, ...options }), 'invalid-option', ...words);
  await refused({ deduplicate: 0.8 }, 'deduplicate is 0.8', 'true, false or an object');
  await refused({ deduplicate: { threshold: 2 } }, 'threshold of deduplicate is 2');
  await refused({ curriculum: 'loss' }, 'curriculum is "loss"');
  await refused({ dedupe: true }, 'deduplicate');
});

test.run();
