import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BatchShape,
  type FilledBatch,
  TrainingBatches,
  validationBatches,
} from '../../../src/train/data/batches.js';
import { readDocuments } from '../../../src/train/data/read_documents.js';
import { arrangeRows } from '../../../src/train/data/rows.js';
import { permutation } from '../../../src/train/data/shuffle.js';
import { splitDocuments } from '../../../src/train/data/split_documents.js';
import { type TokenDocuments, tokenizeDocuments } from '../../../src/train/data/token_documents.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { loadSmall } from '../../tokenizer/helpers.js';
import { memoryFile } from '../support.js';
import { documentsOf, END, type Plain, randomPlain } from './plain_documents.js';

/** Each row as pairs [token, target], from the definition. */
function naiveRows(plain: readonly Plain[], layout: BatchShape['layout'], length: number): number[][][] {
  const pairs = ({ prompt, text }: Plain): number[][] => {
    const all = [...prompt, ...text, END];
    return all.map((target, i) => [i === 0 ? END : all[i - 1]!, i < prompt.length ? -1 : target]);
  };
  const stretches = layout === 'packed' ? [plain.flatMap(pairs)] : plain.map(pairs);
  const rows: number[][][] = [];
  for (const stretch of stretches) {
    for (let start = 0; start < stretch.length; start += length) {
      const row = stretch.slice(start, start + length);
      if (layout === 'documents' && row.every(([, target]) => target === -1)) continue;
      rows.push([...row, ...Array.from({ length: length - row.length }, () => [END, -1])]);
    }
  }
  return rows;
}

/** Tokens after a row's last target mean nothing. */
function pairsOf(tokens: Int32Array, targets: Int32Array): number[][] {
  return Array.from(tokens, (token, i) => [token, targets[i]!]);
}

function rowsOf({ tokens, targets }: FilledBatch, length: number): number[][][] {
  return Array.from({ length: tokens.length / length }, (_, row) =>
    pairsOf(
      tokens.subarray(row * length, (row + 1) * length),
      targets.subarray(row * length, (row + 1) * length),
    ),
  );
}

const layouts = ['packed', 'documents'] as const;

test('rows are those of a literal definition, for any order of the documents', () => {
  const random = randomSource(901);
  for (let round = 0; round < 300; round++) {
    const plain = randomPlain(random, 1 + random.below(8), 1 + random.below(20));
    const length = 1 + random.below(17);
    for (const layout of layouts) {
      const order = permutation(plain.length, round, 7);
      const rows = arrangeRows(documentsOf(plain), order, layout, length, END);
      const expected = naiveRows(
        Array.from(order, (i) => plain[i]!),
        layout,
        length,
      );
      assert.is(rows.count, expected.length);
      const tokens = new Int32Array(length + 4).fill(-7);
      const targets = new Int32Array(length + 4).fill(-7);
      expected.forEach((row, i) => {
        rows.fill(i, tokens, targets, 2);
        assert.equal(
          pairsOf(tokens.subarray(2, -2), targets.subarray(2, -2)),
          row,
          `${layout} ${length} row ${i}`,
        );
        for (const at of [0, 1, length + 2, length + 3]) assert.equal([tokens[at], targets[at]], [-7, -7]);
      });
    }
  }
});

test('every epoch has each target once, in a different order', () => {
  const random = randomSource(902);
  for (const layout of layouts) {
    const plain = randomPlain(random, 40, 30);
    const shape = { layout, rows: 1, length: 8, endOfText: END };
    const batches = new TrainingBatches(documentsOf(plain), shape, 5);
    const learned = plain.flatMap(({ text }) => text);
    const orders: string[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const targets: number[] = [];
      for (let row = 0; row < batches.rowsPerEpoch; row++) {
        assert.equal(batches.position.epoch, row === 0 && epoch > 0 ? epoch - 1 : epoch);
        targets.push(...batches.next().targets);
      }
      const own = targets.filter((target) => target > 0);
      assert.equal(
        own.slice().sort((a, b) => a - b),
        learned,
      );
      assert.is(targets.filter((target) => target === END).length, plain.length);
      orders.push(own.join());
    }
    assert.is(new Set([...orders, learned.join()]).size, 4);
  }
});

test('the same batches follow from any position', () => {
  const random = randomSource(903);
  for (let round = 0; round < 40; round++) {
    const documents = documentsOf(randomPlain(random, 1 + random.below(9), 12));
    const shape = {
      layout: random.pick(layouts),
      rows: 1 + random.below(6),
      length: 1 + random.below(9),
      endOfText: END,
    };
    const whole = new TrainingBatches(documents, shape, round);
    for (let step = random.below(30); step > 0; step--) whole.next();
    const resumed = new TrainingBatches(documents, shape, round, whole.position);
    const other = new TrainingBatches(documents, shape, round + 1000, whole.position);
    let differs = false;
    for (let step = 0; step < 20; step++) {
      const batch = rowsOf(whole.next(), shape.length);
      assert.equal(rowsOf(resumed.next(), shape.length), batch);
      assert.equal(resumed.position, whole.position);
      differs ||= JSON.stringify(rowsOf(other.next(), shape.length)) !== JSON.stringify(batch);
    }
    if (whole.rowsPerEpoch > 9) assert.ok(differs, 'another seed gives another order');
  }
});

test('a position that the data does not have is refused', async () => {
  const documents = documentsOf([{ prompt: [], text: [1, 2, 3] }]);
  const shape = { layout: 'packed', rows: 1, length: 2, endOfText: END } as const;
  new TrainingBatches(documents, shape, 1, { epoch: 3, row: 2 }).next();
  await thrown(
    () => new TrainingBatches(documents, shape, 1, { epoch: 0, row: 3 }),
    'invalid-option',
    'row 3',
  );
});

test('validation has all rows once, in order, and fills up the last batch', () => {
  const random = randomSource(904);
  for (const layout of layouts) {
    const plain = randomPlain(random, 7, 20);
    const shape = { layout, rows: 4, length: 6, endOfText: END };
    const found: number[][][] = [];
    for (const batch of validationBatches(documentsOf(plain), shape)) found.push(...rowsOf(batch, 6));
    const expected = naiveRows(plain, layout, 6);
    assert.equal(found.slice(0, expected.length), expected);
    assert.is(found.length, Math.ceil(expected.length / 4) * 4);
    assert.ok(found.slice(expected.length).every((row) => row.every(([, target]) => target === -1)));
  }
});

test('all permutations are equally frequent', () => {
  const counts = new Map<string, number>();
  for (let stream = 0; stream < 2400; stream++) {
    const order = permutation(4, 77, stream).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.is(counts.size, 24);
  const statistic = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
  assert.ok(statistic < 23 + 4 * Math.sqrt(46), `chi-square ${statistic}`);
  assert.equal(permutation(9, 2 ** 53 - 1, 3), permutation(9, 2 ** 53 - 1, 3));
});

test('the seed chooses whole held-out documents; of a single document the end is held out', () => {
  const random = randomSource(905);
  const tokensOf = ({ tokens, starts, ends }: TokenDocuments) =>
    Array.from(starts, (start, i) => tokens.slice(start, ends[i]!).join());
  for (let round = 0; round < 60; round++) {
    const documents = documentsOf(randomPlain(random, 2 + random.below(20), 9));
    const count = documents.starts.length;
    const share = random.pick([0.01, 0.1, 0.5, 0.999, 1]);
    const { training, validation } = splitDocuments(documents, share, round);
    const held = Math.min(count - 1, Math.max(1, Math.round(share * count)));
    assert.is(validation!.starts.length, held);
    assert.equal([...tokensOf(training), ...tokensOf(validation!)].sort(), tokensOf(documents).sort());
    assert.equal(splitDocuments(documents, share, round).validation, validation);
  }
  const one = documentsOf([{ prompt: [1, 2], text: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }]);
  const { training, validation } = splitDocuments(one, 0.3, 1);
  assert.equal(tokensOf(training), ['1,2,3,4,5,6,7,8,9']);
  assert.equal(tokensOf(validation!), ['10,11,12']);
  assert.is(splitDocuments(one, 0, 1).validation, undefined);
  assert.is(splitDocuments(one, 0, 1).training, one);
});

test('texts, prompts and completions become documents, and the parts of a text one document', async () => {
  const tokenizer = await loadSmall();
  const long = 'abc ab '.repeat(200_000);
  const content = [{ text: 'ab abc' }, { prompt: 'a', completion: 'b' }]
    .map((line) => JSON.stringify(line))
    .join('\n');
  const files = [
    memoryFile('a.jsonl', 'jsonl', content),
    memoryFile('b.txt', 'text', `${long}<|endoftext|>abc`, randomSource(906)),
  ];
  const documents = await tokenizeDocuments(readDocuments(files), tokenizer);
  const texts = Array.from(documents.starts, (start, i) =>
    tokenizer.decode(documents.tokens.subarray(start, documents.ends[i]!)),
  );
  assert.ok(texts[2] === long);
  assert.equal(
    texts.filter((text) => text !== long),
    ['ab abc', 'ab', 'abc'],
  );
  assert.equal([...documents.tokens.subarray(0, 5)], [...tokenizer.encode('ab abc'), 97, 98]);
  const ahead = Array.from(documents.learned, (learned, i) => learned - documents.starts[i]!);
  assert.equal(ahead, [0, 1, 0, 0]);
  const none = readDocuments([memoryFile('c.txt', 'text', '\n')]);
  await thrown(() => tokenizeDocuments(none, tokenizer), 'invalid-file', 'no text');
});

test.run();
