import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Page, PageRoot } from '../../../src/core/kv/page.js';
import { PagePool } from '../../../src/core/kv/page_pool.js';

/** A pool of pages of 10 bytes at 100, 110, ...; memory is given until `most` bytes are. */
function poolOf(limits: { first?: number; mostBytes: number; keptBytes: number; given?: number }) {
  const { first = 1, mostBytes, keptBytes, given = mostBytes } = limits;
  let end = 10 * first;
  const memory = {
    reserve(bytes: number) {
      if (end + bytes > given) throw new Error('no more');
      end += bytes;
      return 100 + end - bytes;
    },
    get end() {
      return 100 + end;
    },
  };
  const bounds = { end: 100 + mostBytes, keptBytes };
  const pool = new PagePool(memory, { address: 100, bytes: 10 * first }, 10, bounds);
  return { memory, pool, root: new PageRoot(true) };
}

/** A page with tokens. */
function taken(pool: PagePool, root: PageRoot, tokens: number[], parent?: Page): Page {
  const page = pool.take(root, parent)!;
  page.push(tokens);
  return page;
}

test('the memory that is there is used first, then it grows up to the limit', () => {
  const { pool, root } = poolOf({ first: 2, mostBytes: 45, keptBytes: 45 });
  const addresses = [1, 2, 3, 4].map((id) => taken(pool, root, [id]).address);
  assert.equal(addresses, [100, 110, 120, 130]);
  assert.is(pool.take(root, undefined), undefined);
  assert.equal(pool.counts, { total: 4, used: 4, cached: 0 });
  assert.is(pool.most, 4);
});

test('memory for something else leaves room for fewer pages, but takes none away', () => {
  const { memory, pool, root } = poolOf({ first: 2, mostBytes: 69, keptBytes: 69 });
  memory.reserve(5);
  assert.is(pool.most, 6);
  memory.reserve(5);
  assert.is(pool.most, 5);
  const addresses = [1, 2, 3, 4].map((id) => taken(pool, root, [id]).address);
  assert.equal(addresses, [100, 110, 130, 140]);
  memory.reserve(19);
  assert.is(pool.most, 4);
  assert.is(pool.take(root, undefined), undefined);
});

test('if the runtime gives no more memory, the pages that there are go round', () => {
  const { pool, root } = poolOf({ mostBytes: 100, keptBytes: 100, given: 20 });
  const [first] = [taken(pool, root, [1]), taken(pool, root, [2])];
  assert.is(pool.take(root, undefined), undefined);
  assert.is(pool.most, 2);
  pool.drop(first);
  assert.is(pool.take(root, undefined)!.address, first.address);
});

test('pages without holders are kept up to a limit; then the one that was left first goes first', () => {
  const { pool, root } = poolOf({ mostBytes: 100, keptBytes: 30 });
  const pages = [1, 2, 3].map((id) => taken(pool, root, [id]));
  for (const page of [pages[1]!, pages[0]!, pages[2]!]) pool.drop(page);
  assert.equal(pool.counts, { total: 3, used: 0, cached: 3 });
  pool.hold(pages[1]!);
  pool.drop(pages[1]!);
  assert.is(taken(pool, root, [4]).address, pages[0]!.address);
  assert.is(taken(pool, root, [5]).address, pages[2]!.address);
  assert.is(taken(pool, root, [6]).address, pages[1]!.address);
  assert.is(taken(pool, root, [7]).address, 130);
});

test('of a path, the last page goes first, and pages that others use stay', () => {
  const { pool, root } = poolOf({ mostBytes: 30, keptBytes: 30 });
  const first = taken(pool, root, [1]);
  const [used, free] = [taken(pool, root, [2], first), taken(pool, root, [3], first)];
  for (const page of [free, first]) pool.drop(page);
  // `used` keeps the page before it, although nobody holds that one.
  assert.is(taken(pool, root, [4]).address, free.address);
  assert.is(pool.take(root, undefined), undefined);
  pool.drop(used);
  assert.is(pool.take(root, undefined)!.address, used.address);
  assert.is(pool.take(root, undefined)!.address, first.address);
});

test('empty pages, those of private trees and those for which another can stand are not kept', () => {
  const { pool, root } = poolOf({ mostBytes: 100, keptBytes: 100 });
  pool.drop(pool.take(root, undefined)!);
  pool.drop(taken(pool, new PageRoot(false), [1]));
  assert.equal(pool.counts, { total: 1, used: 0, cached: 0 });
  const [longer, other] = [taken(pool, root, [1, 2]), taken(pool, root, [3])];
  pool.drop(longer);
  pool.drop(other);
  pool.drop(taken(pool, root, [1]));
  pool.drop(taken(pool, root, [1, 2]));
  assert.is(pool.counts.cached, 2);
  // The one that stands for another counts as used last.
  for (let i = 2; i < 10; i++) pool.take(root, undefined);
  assert.is(pool.take(root, undefined)!.address, other.address);
});

test('a tree that is forgotten is not kept, and neither are the pages that are left later', () => {
  const { pool, root } = poolOf({ mostBytes: 100, keptBytes: 100 });
  const first = taken(pool, root, [1]);
  const second = taken(pool, root, [2], first);
  const held = taken(pool, root, [3]);
  pool.drop(second);
  pool.drop(first);
  assert.is(pool.counts.cached, 2);
  pool.forget(root);
  assert.equal(pool.counts, { total: 3, used: 1, cached: 0 });
  pool.drop(held);
  assert.equal(pool.counts, { total: 3, used: 0, cached: 0 });
  assert.ok(root.children.isEmpty);
});

test.run();
