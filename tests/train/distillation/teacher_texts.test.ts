import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/model/load_model.js';
import { joinDocuments } from '../../../src/train/data/join_documents.js';
import { teacherBytes } from '../../../src/train/distillation/distillation.js';
import { withTeachers } from '../../../src/train/distillation/open_teachers.js';
import type { TeacherTextProgress } from '../../../src/train/distillation/options.js';
import { readTexts, TEXTS_FILE, textBytes } from '../../../src/train/distillation/stored_texts.js';
import { Teacher } from '../../../src/train/distillation/teacher.js';
import { documentsOf, writeTexts } from '../../../src/train/distillation/teacher_texts.js';
import { holds } from '../../support/property.js';
import { randomModel } from '../../support/random_core.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { tokenizer } from '../tiny.js';
import { TEACHERS, withLoadedTeachers } from './support.js';

const END = tokenizer.eosTokenId!;
const TO_WRITE = { count: 7, seed: 4, endOfText: END, tokenizer };

test('teachers write in turn, each text drawn from the whole distribution by a seed of its own', async () => {
  const progress: TeacherTextProgress[] = [];
  const written = await withLoadedTeachers(2, {}, (teachers) =>
    writeTexts(teachers, { ...TO_WRITE, onTeacherText: (state) => progress.push(state) }),
  );
  const want: number[][] = [];
  for (let i = 0; i < TO_WRITE.count; i++) {
    const model = await loadModel(TEACHERS[i % 2]!, { weights: 'f32', build: 'simd', threads: 1 });
    const { choices } = await model.generate([END], {
      ...{ seed: 4 + 2 ** 32 * i, temperature: 1, topP: 1, maxTokens: 1000 },
    });
    want.push(choices[0]!.tokens.filter((token) => token !== END));
    model.dispose();
  }
  assert.equal(
    written,
    want.filter((text) => text.length > 0),
  );
  assert.equal(new Set(written.map(String)).size, written.length, 'all differ');
  assert.equal(
    progress.map(({ texts, total }) => [texts, total]),
    want.map((_, i) => [i + 1, 7]),
  );
  assert.is(progress.at(-1)!.tokens, want.flat().length);
});

test('a run plans the memory that its teachers take to write', async () => {
  const model = await randomModel({ contextLength: 1024, channels: 96, heads: 1, layers: 6 });
  await withTeachers([model], {}, async (opened) => {
    const core = await opened[0]!.load({ build: 'simd', threads: 1, weights: 'q8' });
    const texts = await writeTexts([new Teacher(core)], { ...TO_WRITE, count: 3 });
    assert.ok(texts.flat().length > 1000, `${texts.flat().length} tokens`);
    const planned = teacherBytes(opened, 40, { teacherTexts: 3 });
    // The binary's data and structures are not planned.
    assert.ok(core.memoryBytes < planned + 2 ** 19, `${core.memoryBytes}, planned ${planned}`);
    assert.ok(core.memoryBytes > teacherBytes(opened, 40, {}) + 2 ** 19);
    core.dispose();
  });
});

test('texts that were all empty are none, also when they are stored', async () => {
  const source = memorySource('state', { [TEXTS_FILE]: textBytes([], 0) });
  assert.equal(documentsOf(await readTexts(source, 0, 100)).starts.length, 0);
});

test('writing can be stopped', async () => {
  const stop = new AbortController();
  await withLoadedTeachers(1, {}, async (teachers) => {
    const write = writeTexts(teachers, {
      ...{ ...TO_WRITE, count: 1000, signal: stop.signal },
      onTeacherText({ texts }) {
        if (texts === 3) stop.abort();
        assert.ok(texts <= 3, 'no text counts after the signal');
      },
    });
    await thrown(() => write, 'aborted', /writing texts of the teachers/);
  });
});

const texts = fc.array(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 }), {
  maxLength: 5,
});

test('texts that are stored in a training state are read again', () =>
  holds(
    'stored texts',
    texts,
    async (written) => {
      const source = memorySource('state', { [TEXTS_FILE]: textBytes(written, 0) });
      assert.equal(await readTexts(source, 0, 100), written);
    },
    30,
  ));

test('a file of texts that was changed is refused', async () => {
  const whole = textBytes([[5, 6], [7]], 0);
  for (const [bytes, words] of [
    [undefined, /is missing/],
    [whole.subarray(0, 10), /no whole tokens/],
    [whole.subarray(0, 16), /ends within a text/],
    [textBytes([[100]], 0), /token 100/],
    [textBytes([[-5]], 0), /token -5/],
  ] as const) {
    const source = memorySource('state', bytes ? { [TEXTS_FILE]: bytes } : {});
    await thrown(() => readTexts(source, 0, 100), 'invalid-file', words, /state/);
  }
});

test('documents are joined as they are', async () => {
  const documents = {
    tokens: Int32Array.of(9, 1, 2, 3),
    starts: Int32Array.of(1),
    ends: Int32Array.of(4),
    learned: Int32Array.of(2),
  };
  const joined = joinDocuments(documents, { ...documents, tokens: Int32Array.of(9, 4, 5, 6) });
  const parts = Array.from(joined.starts, (start, i) => [
    [...joined.tokens.slice(start, joined.ends[i])],
    joined.learned[i]! - start,
  ]);
  assert.equal(parts, [
    [[1, 2, 3], 1],
    [[4, 5, 6], 1],
  ]);
});

test.run();
