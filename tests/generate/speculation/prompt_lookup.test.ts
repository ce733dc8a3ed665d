import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PromptLookup } from '../../../src/generate/speculation/prompt_lookup.js';
import { FakeCore } from '../../support/fake_core.js';

/** A lookup in a core whose further rows cost `share` of a row. */
function lookup(share: number): PromptLookup {
  const core = new FakeCore();
  core.batchMs = (rows) => 1 + share * (rows - 1);
  return new PromptLookup(core);
}

const LIMITS = { most: 11, drawn: 0, masks: [] };
const draft = (tokens: readonly number[], limits = {}) =>
  lookup(0.001).draft(tokens, { ...LIMITS, ...limits });

test('what followed the longest repetition is drafted, of equal ones the latest', async () => {
  const text = [1, 2, 3, 4, 50, 9, 2, 3, 4, 60, 9, 3, 4, 70, 1, 2, 3, 4];
  assert.equal((await draft(text)).slice(0, 2), [50, 9]);
  assert.equal((await draft([7, 8, 10, 7, 8, 20, 5, 7, 8])).slice(0, 4), [20, 5, 7, 8]);
});

test('a text that repeats at its end is continued in the same way', async () => {
  assert.equal(await draft([9, 1, 2, 3, 1, 2, 3], { most: 8 }), [1, 2, 3, 1, 2, 3, 1, 2]);
  assert.equal(await draft([4, 4], { most: 3 }), [4, 4, 4]);
});

test('a text without repetition gets no drafts, and no text more than are of use', async () => {
  assert.equal(await draft([1, 2, 3]), []);
  assert.equal(await draft([1]), []);
  assert.equal(await draft([1, 2, 3, 4, 1, 2, 3], { most: 1 }), [4]);
});

test('drafts grow while they are right, end while they are not, and return', async () => {
  const speculator = lookup(0.4);
  const text = [1, 2, 3, 4, 5, 6, 7, 8];
  const step = async (next: number) => {
    const { length } = await speculator.draft(text, LIMITS);
    speculator.learn([next], []);
    text.push(next);
    return length;
  };
  const copying = [];
  for (let i = 0; i < 24; i++) copying.push(await step(1 + (i % 8)));
  assert.is(copying[1], 0, 'one token is no repetition that pays');
  assert.ok(copying.at(-1)! > 3, `${copying}`);
  const inventing = [];
  for (let i = 0; i < 60; i++) inventing.push(await step(i % 2 === 0 ? 1 : 100 + i));
  assert.is(inventing.at(-1), 0);
  const again = [];
  for (let i = 0; i < 40; i++) again.push(await step(1 + (i % 8)));
  assert.ok(again.at(-1)! > 3, `${again}`);
});

test.run();
