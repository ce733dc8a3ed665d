import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGE } from '../../../assembly/abi.js';
import { PageRoot } from '../../../src/core/kv/page.js';
import { PagePool } from '../../../src/core/kv/page_pool.js';
import { PagedSequence } from '../../../src/core/kv/paged_sequence.js';

/** A pool of `pages` pages, and sequences of one tree in it. */
function setUp(pages: number) {
  const copies: string[] = [];
  const limits = { end: pages, keptBytes: pages };
  const memory = { reserve: () => Number.NaN, end: pages };
  const pool = new PagePool(memory, { address: 0, bytes: pages }, 1, limits);
  const copyPositions = (to: number, from: number, count: number) => {
    copies.push(`${count} from ${from} to ${to}`);
  };
  const root = new PageRoot(true);
  const create = () => new PagedSequence({ pool, copyPositions }, root, 0);
  /** How much of the tokens a new sequence would find. */
  const found = (tokens: readonly number[]) => {
    const sequence = create();
    const length = sequence.begin(tokens, tokens.length);
    sequence.giveUp();
    return length;
  };
  return { pool, copies, create, found };
}

const ids = (seed: number, length: number) => Array.from({ length }, (_, i) => seed + i);

/** Evaluates tokens from `start` on. */
function evaluate(sequence: PagedSequence, tokens: readonly number[], start = sequence.tokens.length): void {
  assert.is(sequence.reserve(tokens.length - start), tokens.length - start);
  sequence.commit(tokens.slice(start));
}

test('pages are taken for as many positions as have room, and given back if they were not needed', () => {
  const { pool, create } = setUp(2);
  const sequence = create();
  assert.is(sequence.reserve(3 * PAGE), 2 * PAGE);
  assert.is(sequence.addresses.length, 2);
  sequence.commit(ids(0, 5));
  assert.is(pool.counts.used, 1);
  assert.is(sequence.reserve(2 * PAGE), 2 * PAGE - 5);
  sequence.commit(ids(5, PAGE));
  sequence.rewind(PAGE);
  assert.is(pool.counts.used, 1);
  sequence.giveUp();
  assert.equal(sequence.tokens, ids(0, PAGE));
  assert.is(sequence.cached, 0);
});

test('the longest evaluated beginning is found, up to the given length, whoever evaluated it', () => {
  const { create } = setUp(9);
  const [a, b] = [create(), create()];
  evaluate(a, ids(0, 300));
  assert.is(b.begin(ids(0, 400), 399), 300);
  assert.equal(b.addresses, a.addresses);
  assert.is(b.begin(ids(0, 400), 200), 200);
  assert.equal(b.addresses, a.addresses.slice(0, 2));
  assert.is(b.begin([...ids(0, 150), ...ids(7, 90)], 239), 150);
  assert.is(b.begin(ids(1, 9), 8), 0);
  assert.is(b.pageCount, 0);
});

test('a page that others use, or that holds more for later, is copied before it is written', () => {
  const { copies, create, found, pool } = setUp(9);
  const a = create();
  evaluate(a, ids(0, 100));
  const fork = a.fork();
  evaluate(fork, [...ids(0, 100), 7]);
  assert.equal(copies, ['100 from 0 to 1']);
  evaluate(a, ids(0, 110));
  assert.is(copies.length, 1);
  a.rewind(50);
  evaluate(a, [...ids(0, 50), 8]);
  assert.is(copies.length, 2);
  // What was cut off is still there for others.
  assert.is(found(ids(0, 110)), 110);
  assert.is(pool.counts.used, 2);
});

test('without a page to copy to, tokens that nobody uses give way, but no page that others use', () => {
  const { copies, create, found } = setUp(1);
  const a = create();
  evaluate(a, ids(0, 100));
  a.rewind(50);
  evaluate(a, [...ids(0, 50), 8]);
  assert.equal(copies, []);
  assert.is(found(ids(0, 100)), 50);
  const fork = a.fork();
  assert.is(fork.reserve(1), 0);
  assert.is(a.reserve(1), 0);
  fork.giveUp();
  assert.is(a.reserve(1), 1);
});

test('a fork made during a batch shares what was evaluated before it', () => {
  const { create, pool } = setUp(9);
  const a = create();
  evaluate(a, ids(0, 100));
  a.reserve(100);
  const fork = a.fork();
  a.commit(ids(100, 100));
  assert.equal(fork.tokens, ids(0, 100));
  assert.is(fork.pageCount, 1);
  evaluate(fork, [...ids(0, 100), 9]);
  assert.equal([a.addresses.length, pool.counts.used], [2, 3]);
});

test('equal pages of two sequences become one when they are full, and what follows is found through it', () => {
  const { create, found, pool } = setUp(9);
  const [a, b] = [create(), create()];
  a.reserve(200);
  b.reserve(300);
  a.commit(ids(0, 200));
  b.commit(ids(0, 300));
  assert.is(a.addresses[0], b.addresses[0]);
  assert.is(pool.counts.used, 4);
  assert.is(found(ids(0, 300)), 300);
  a.giveUp();
  b.giveUp();
  assert.equal(pool.counts, { total: 9, used: 0, cached: 3 });
});

test('what a private sequence has evaluated is found by its forks alone', () => {
  const { pool, found } = setUp(9);
  const store = { pool, copyPositions() {} };
  const hidden = new PagedSequence(store, new PageRoot(false), 0);
  evaluate(hidden, ids(0, 200));
  assert.is(found(ids(0, 200)), 0);
  assert.is(hidden.fork().cached, 200);
});

test.run();
