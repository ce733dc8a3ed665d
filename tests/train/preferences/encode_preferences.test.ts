import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnswerRules,
  answerBatch,
  answerRows,
  rowSums,
} from '../../../src/train/preferences/answer_rows.js';
import { asJudged, asPairs, encodePreferences } from '../../../src/train/preferences/encode_preferences.js';
import type { PreferenceData } from '../../../src/train/preferences/preference_data.js';
import { thrown } from '../../support/thrown.js';
import { tokenizer } from '../tiny.js';

const RULES: AnswerRules = { tokenizer, vocabSize: 512, length: 8, startOfText: 1, endOfText: 0 };

const encode = (data: unknown, isSingle = false, validation: unknown = 0, rules = RULES) =>
  encodePreferences(
    { data: data as PreferenceData, validation: validation as PreferenceData, seed: 3 },
    isSingle
      ? asJudged(rules)
      : asPairs(({ prompt, chosen, rejected }, cut) => answerRows(prompt, { chosen, rejected }, rules, cut)),
    rules.length,
  );

test('texts are encoded apart, and an answer that is a text ends; token ids are taken as they are', async () => {
  const { training, validation, notes } = await encode([
    { prompt: 'The cat', chosen: ' sat', rejected: [7, 8] },
    { prompt: '', chosen: [5], rejected: '' },
  ]);
  const prompt = tokenizer.encode('The cat');
  const ids = training.map(({ answers }) => answers.map(({ ids, from }) => [ids, from]));
  assert.equal(ids, [
    [
      [[...prompt, ...tokenizer.encode(' sat'), 0], prompt.length],
      [[...prompt, 7, 8], prompt.length],
    ],
    [
      [[1, 5], 1],
      [[1, 0], 1],
    ],
  ]);
  assert.equal([validation, notes], [[], []]);
  assert.equal(
    training.map(({ index }) => index),
    [0, 1],
  );
});

test('a long prompt loses its beginning for both answers alike, a long answer its end; a note says so', async () => {
  const prompt = Array.from({ length: 9 }, (_, i) => i + 10);
  const { training, notes } = await encode([
    { prompt, chosen: [1, 2, 3], rejected: [4] },
    { prompt, chosen: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], rejected: [4] },
    { prompt: [9], chosen: [1, 2, 3, 4, 5, 6, 7, 8], rejected: [4] },
  ]);
  assert.equal(
    training.map(({ answers }) => answers.map(({ ids }) => ids)),
    [
      [
        [13, 14, 15, 16, 17, 18, 1, 2, 3],
        [13, 14, 15, 16, 17, 18, 4],
      ],
      [
        [18, 1, 2, 3, 4, 5, 6, 7, 8],
        [18, 4],
      ],
      [
        [9, 1, 2, 3, 4, 5, 6, 7, 8],
        [9, 4],
      ],
    ],
  );
  assert.equal(notes, [
    '2 prompts lost the beginning to fit into rows of 8 tokens',
    '1 answer lost the end to fit into rows of 8 tokens; a larger contextLength keeps it',
  ]);
});

test('pairs of equal answers are left out, and a note says so', async () => {
  const { training, notes } = await encode([
    { prompt: 'A', chosen: 'b', rejected: 'b' },
    { prompt: 'A', chosen: 'b', rejected: 'c' },
  ]);
  assert.equal([training.length, notes], [1, ['1 pair of equal answers left out']]);
  await thrown(() => encode([{ prompt: 'A', chosen: 'b', rejected: 'b' }]), 'invalid-option', 'no pair');
});

test('a pair is two judged answers, each beside the answer to the next other prompt', async () => {
  const { training } = await encode(
    [
      { prompt: [1], chosen: [2], rejected: [3] },
      { prompt: [4], completion: [5], label: false },
      { prompt: [6], completion: [7], label: true },
      { prompt: [6], completion: [8], label: true },
    ],
    true,
  );
  assert.equal(
    training.map(({ answers, isDesirable }) => [...answers.map(({ ids }) => ids), isDesirable]),
    [
      [[1, 2], [1, 5], true],
      [[1, 3], [1, 5], false],
      [[4, 5], [4, 7], false],
      [[6, 7], [6, 2], true],
      [[6, 8], [6, 2], true],
    ],
  );
  const alike = await encode(
    [1, 2, 3].map((id) => ({ prompt: [9], completion: [id], label: true })),
    true,
  );
  assert.equal(
    alike.training.map(({ answers }) => answers[1].ids),
    [
      [9, 2],
      [9, 3],
      [9, 1],
    ],
  );
});

test('both answers of a pair are held out together, and examples that are given are', async () => {
  const pairs = Array.from({ length: 20 }, (_, i) => ({ prompt: [i], chosen: [20 + i], rejected: [50 + i] }));
  const { training, validation } = await encode(pairs, true, 0.2);
  assert.equal([training.length, validation.length], [32, 8]);
  const promptsOf = (some: typeof training) => new Set(some.map(({ answers }) => answers[0].ids[0]));
  const [learned, held] = [promptsOf(training), promptsOf(validation)];
  assert.equal([learned.size, held.size], [16, 4]);
  assert.equal(
    [...training, ...validation].map(({ index }) => index),
    Array.from({ length: 40 }, (_, i) => i),
  );
  for (const { answers } of validation)
    assert.ok(held.has(answers[1].ids[0]!) && !learned.has(answers[1].ids[0]!));
  const given = await encode(pairs, false, pairs.slice(0, 2));
  assert.equal(
    given.validation.map(({ index, answers }) => [index, answers[0].ids[0]]),
    [
      [20, 0],
      [21, 1],
    ],
  );
});

test('a batch has the answers alone as targets, and its sums are those of its rows', () => {
  const rows = [
    { ids: [1, 2, 3, 4], from: 2 },
    { ids: [5, 6], from: 1 },
  ];
  const batch = answerBatch(rows, 9);
  assert.equal([batch.batch, batch.length], [2, 3]);
  assert.equal(Array.from(batch.tokens), [1, 2, 3, 5, 9, 9]);
  assert.equal(Array.from(batch.targets), [-1, 3, 4, 6, -1, -1]);
  assert.equal(rowSums(batch, Float64Array.of(0, 1, 2, 4, 0, 0)), [-3, -4]);
});

test('wrong examples are refused with their place', async () => {
  const pair = { prompt: 'A', chosen: 'b', rejected: 'c' };
  const refused = (example: unknown, isSingle: boolean, ...words: string[]) =>
    thrown(() => encode([pair, example], isSingle), 'invalid-option', 'item 2 of data', ...words);
  await refused({ prompt: 'A', chosen: 'b' }, false, 'no rejected');
  await refused({ chosen: 'b', rejected: 'c' }, false, 'no prompt');
  await refused({ prompt: 'A', completion: 'b', label: true }, false, "loss 'kto'");
  await refused({ prompt: 'A', completion: 'b', label: 1 }, true, 'label is 1');
  await refused({ prompt: 'A' }, true, '{ prompt, completion, label }');
  await refused({ ...pair, chosen: 3 }, false, 'chosen is 3');
  await refused({ ...pair, chosen: [512] }, false, 'chosen', '512');
  await refused({ ...pair, rejected: [] }, false, 'rejected is empty');
  await refused(null, false, 'null');
  await thrown(() => encode([]), 'invalid-option', 'data has no examples');
  await thrown(() => encode([pair], false, []), 'invalid-option', 'validation has no examples');
  const plain = { ...RULES, tokenizer: undefined };
  await thrown(() => encode([pair], false, 0, plain), 'invalid-option', 'no tokenizer');
});

test.run();
