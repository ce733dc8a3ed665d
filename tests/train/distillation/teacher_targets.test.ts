import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import type { Batch } from '../../../src/core/training/batch.js';
import type { ModelCore } from '../../../src/core/types.js';
import { Teacher } from '../../../src/train/distillation/teacher.js';
import { textsOf, writeMeans } from '../../../src/train/distillation/teacher_targets.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { SMALL_CONFIG } from '../../support/small_model.js';
import { thrown } from '../../support/thrown.js';
import { literalTeachers, meanDistribution, someBatch, withLoadedTeachers } from './support.js';

const V = SMALL_CONFIG.vocabSize;

/** The rows of a batch, computed in tiles; those that nobody writes stay NaN. */
async function rowsOf(teachers: readonly Teacher[], batch: Batch, tile: number): Promise<Float32Array[]> {
  const count = batch.batch * batch.length;
  const rows = Array.from({ length: count }, () => new Float32Array(V).fill(Number.NaN));
  const texts = textsOf(batch);
  for (let first = 0; first < count; first += tile) {
    await writeMeans(teachers, batch, texts, first, rows.slice(first, first + tile));
  }
  for (const teacher of teachers) teacher.rest();
  return rows;
}

const bitsOf = async (...given: Parameters<typeof rowsOf>) =>
  Buffer.concat((await rowsOf(...given)).map((row) => Buffer.from(row.buffer)));

for (const count of [1, 2]) {
  test(`rows with a target get the mean distribution of ${count} teachers, the others nothing`, async () => {
    const batch = someBatch(3, V, 2, 9);
    const literal = literalTeachers().slice(0, count);
    const rows = await withLoadedTeachers(count, {}, (teachers) => rowsOf(teachers, batch, 5));
    for (const [row, got] of rows.entries()) {
      if (batch.targets[row]! < 0) {
        assert.ok(got.every(Number.isNaN), `row ${row}`);
        continue;
      }
      const start = row - (row % batch.length);
      const want = meanDistribution(literal, Array.from(batch.tokens).slice(start, row + 1));
      for (let i = 0; i < V; i++) near(got[i]!, want[i]!, 1e-5 * (want[i]! + 0.01), `row ${row}, token ${i}`);
      near(
        got.reduce((sum, p) => sum + p, 0),
        1,
        1e-5,
      );
    }
  });
}

test('the bits depend neither on the tiles nor on threads, and no keys and values stay', async () => {
  const batches = fc.record({
    ...{ seed: fc.nat(1e6), batch: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 40 }) },
    tile: fc.integer({ min: 1, max: 120 }),
  });
  await withLoadedTeachers(2, { weights: 'q8' }, (one) =>
    withLoadedTeachers(2, { weights: 'q8', threads: 2 }, (two) =>
      holds(
        'rows of teachers',
        batches,
        async ({ seed, batch: count, length, tile }) => {
          const batch = someBatch(seed, V, count, length);
          const want = await bitsOf(one, batch, count * length);
          assert.ok(want.equals(await bitsOf(one, batch, tile)), 'tiles');
          assert.ok(want.equals(await bitsOf(two, batch, tile)), 'threads');
          for (const { core } of [...one, ...two]) {
            assert.is(core.stats.pages.used, 0);
            assert.is(core.stats.pages.cached, 0);
          }
        },
        12,
      ),
    ),
  );
});

test('a teacher reads each document alone where attention ends at their borders', async () => {
  const { tokens, ...sizes } = someBatch(6, V, 2, 6);
  const batch = { ...sizes, tokens, targets: tokens, starts: [0, 0, 2, 2, 2, 5, 0, 1, 1, 1, 1, 1] };
  const alone = [
    [0, 2],
    [2, 5],
    [5, 6],
    [6, 7],
    [7, 12],
  ] as const;
  await withLoadedTeachers(1, {}, async (teachers) => {
    const want: Float32Array[] = [];
    for (const [start, end] of alone) {
      const document = Array.from(tokens).slice(start, end);
      const one = { batch: 1, length: end - start, tokens: document, targets: document };
      want.push(...(await rowsOf(teachers, one, 12)));
    }
    assert.equal(await rowsOf(teachers, batch, 5), want);
  });
});

test('a teacher keeps the pages of one text, however many a batch has', async () => {
  await withLoadedTeachers(1, {}, async ([teacher]) => {
    const { core } = teacher!;
    const before = [core.memoryBytes, core.stats.pages.total];
    await rowsOf([teacher!], someBatch(5, V, 40, 40), 40);
    assert.equal([core.memoryBytes, core.stats.pages.total], before);
  });
});

test('a teacher that has no memory ends the run, since a part of the gradients is added already', async () => {
  const evaluate = async () => {
    throw new Gpt2Error('out-of-memory', 'there is no room');
  };
  const core = { sequence: () => ({ evaluate, release() {} }) } as unknown as ModelCore;
  const batch = { batch: 1, length: 3, tokens: [1, 2, 3], targets: [2, 3, 4] };
  await thrown(() => rowsOf([new Teacher(core)], batch, 3), 'runtime', /teacher/, /there is no room/);
});

test.run();
