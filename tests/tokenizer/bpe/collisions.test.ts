import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashPair, MergeTable, NO_MERGE } from '../../../src/tokenizer/bpe/merge_table.js';
import { JsonTexts } from '../../../src/tokenizer/texts.js';
import { hashBytes, TokenTable } from '../../../src/tokenizer/token_table.js';
import { PairTable } from '../../../src/tokenizer/train/pair_table.js';
import { WordCounter } from '../../../src/tokenizer/train/word_counter.js';
import { assertGrowth, leastWork } from '../../support/work.js';

// Keys of a malicious file: hash tables put them all into the same few slots.
const MANY = 20_000;
const FEW = MANY / 8;
/** Slots, of 2^16, that all keys share. */
const SLOTS = 64;

/** Words of six letters whose hashes have low bits below SLOTS. */
function collidingWords(mixed: (hash: number) => number): string[] {
  const bytes = new Uint8Array(6);
  const words: string[] = [];
  for (let number = 0; words.length < MANY; number++) {
    for (let i = 0, rest = number; i < 6; i++, rest = Math.floor(rest / 26)) bytes[i] = 97 + (rest % 26);
    if ((mixed(hashBytes(bytes, 0, 6)) & 0xffff) < SLOTS) words.push(String.fromCharCode(...bytes));
  }
  return words;
}

/** Pairs of ids whose hashes have low bits below SLOTS; the right ids are those of a few tokens. */
function collidingPairs(): [left: number, right: number][] {
  const pairs: [left: number, right: number][] = [];
  for (let left = 100_000; pairs.length < MANY; left++) {
    for (let right = 0; right < 64; right++) {
      if ((hashPair(left, right) & 0xffff) < SLOTS) pairs.push([left, right]);
    }
  }
  return pairs;
}

/**
 * Eight times the keys must take about eight times as long; comparing each with all others would take 64
 * times.
 */
function assertKeys(work: (count: number) => void): Promise<void> {
  return assertGrowth(
    () => leastWork(() => work(MANY)),
    () => leastWork(() => work(FEW)),
    24,
    'eight times the keys',
  );
}

test('tokens of the same hash', async () => {
  const words = collidingWords((hash) => hash);
  const table = (count: number) => {
    const texts = new JsonTexts(words.slice(0, count));
    return new TokenTable({ file: 'vocab.json', texts, ids: [...words.keys()].slice(0, count) }, []);
  };
  const utf8 = new TextEncoder();
  const find = (tokens: TokenTable, word: string) => tokens.find(utf8.encode(word), 0, word.length);
  const all = table(MANY);
  for (const [id, word] of words.entries()) assert.is(find(all, word), id);
  assert.is(find(table(FEW), words.at(-1)!), -1);
  assert.throws(() => {
    const twice = new JsonTexts([...words, words.at(-1)!]);
    new TokenTable({ file: 'vocab.json', texts: twice, ids: [...Array(MANY + 1).keys()] }, []);
  }, /tokens 19999 and 20000 are both/);
  await assertKeys((count) => {
    const tokens = table(count);
    for (const word of words.slice(0, count)) find(tokens, word);
  });
});

test('merges of the same hash', async () => {
  const pairs = collidingPairs();
  const ids = new Map<string, number>(
    Array.from({ length: 64 }, (_, id) => [String.fromCharCode(0x40 + id), id]),
  );
  for (const [left] of pairs) ids.set(String(left), left);
  const entries = pairs.map(([left, right]) => `${left} ${String.fromCharCode(0x40 + right)}`);
  for (const [rank, entry] of entries.entries()) ids.set(entry.replace(' ', ''), 1000 + rank);
  ids.delete('\x7f');
  const known = entries.filter((entry) => !entry.includes('\x7f'));
  const tokens = new TokenTable(
    { file: 'vocab.json', texts: new JsonTexts([...ids.keys()]), ids: [...ids.values()] },
    [],
  );
  const table = (count: number) => new MergeTable(tokens, new JsonTexts(known.slice(0, count)), String);
  const all = table(known.length);
  const few = table(FEW);
  known.forEach((entry, rank) => {
    const [left, right] = entry.split(' ') as [string, string];
    assert.is(all.rank(ids.get(left)!, ids.get(right)!), rank);
    assert.is(few.rank(ids.get(left)!, ids.get(right)!), rank < FEW ? rank : NO_MERGE);
  });
  await assertKeys((count) => {
    const merges = table(count);
    for (const [left, right] of pairs.slice(0, count)) merges.rank(left, right);
  });
});

test('words and pairs of the same hash in texts that a tokenizer is trained on', async () => {
  const words = collidingWords((hash) => hash ^ (hash >>> 15));
  const counted = (count: number) => {
    const counter = new WordCounter();
    for (let time = 0; time < 2; time++) counter.add(words.slice(0, count).join('\n'));
    return counter.words;
  };
  const { counts } = counted(MANY);
  assert.is(counts.length, MANY + 1);
  assert.equal(new Set(counts), new Set([2, 2 * (MANY - 1)]));
  await assertKeys(counted);

  const pairs = collidingPairs();
  const table = (count: number) => {
    const pairTable = new PairTable();
    const indexes = pairs.slice(0, count).map(([left, right]) => pairTable.index(left, right));
    pairs.slice(0, count).forEach(([left, right], i) => {
      if (pairTable.index(left, right) !== indexes[i]) assert.unreachable(`pair ${i}`);
    });
    return pairTable.size;
  };
  assert.is(table(MANY), MANY);
  await assertKeys(table);
});

test('a word is counted as one, however many others there are', () => {
  const counter = new WordCounter();
  const text = Array.from(
    { length: 40_000 },
    (_, i) =>
      ` w${'abcdefghij'[i % 10]}${i.toString(36).replace(/\d/g, (digit) => 'ABCDEFGHIJ'[Number(digit)]!)}`,
  ).join('');
  counter.add(text);
  counter.add(text);
  assert.equal(new Set(counter.words.counts), new Set([2]));
});

test.run();
