import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Cancellation } from '../../src/base/cancellation.js';
import { inOrder } from '../../src/base/in_order.js';
import { randomSource } from '../support/random.js';

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('results come in the order of the items, and the sizes under way stay below the bound before each start', async () => {
  const random = randomSource(12);
  for (let round = 0; round < 50; round++) {
    const sizes = Array.from({ length: random.below(30) }, () => random.below(9));
    const most = 1 + random.below(20);
    let total = 0;
    const run = async (size: number, index: number) => {
      assert.ok(total < most, `item ${index} began with ${total} of ${most} under way`);
      total += size;
      await turns(random.below(5));
      return index;
    };
    const indices: number[] = [];
    for await (const index of inOrder(sizes, { size: (size) => size, most, signal: undefined, run })) {
      total -= sizes[index]!;
      indices.push(index);
    }
    assert.equal(indices, [...sizes.keys()]);
  }
});

test('a result does not wait for the next item', async () => {
  async function* slow() {
    yield 'first';
    await new Promise(() => {});
  }
  const run = async (item: string) => item;
  const results = inOrder(slow(), { size: () => 1, most: 10, signal: undefined, run });
  assert.equal(await results.next(), { done: false, value: 'first' });
});

test('an error comes after the results before it, and ends the work on later items', async () => {
  const signals: Cancellation[] = [];
  const results: number[] = [];
  const run = async (item: number, _: number, signal: Cancellation) => {
    signals.push(signal);
    await turns(10 - item);
    if (item > 1) throw new Error(`item ${item}`);
    return item;
  };
  const each = inOrder([0, 1, 2, 3, 4], { size: () => 1, most: 4, signal: undefined, run });
  let message = '';
  try {
    for await (const result of each) results.push(result);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, 'item 2');
  assert.equal(results, [0, 1]);
  assert.ok(signals.length >= 4 && signals.every(({ aborted }) => aborted));
});

test('an error of the items comes after all results', async () => {
  function* broken() {
    yield 1;
    yield 2;
    throw new Error('no third item');
  }
  const results: number[] = [];
  const run = async (item: number) => item;
  try {
    for await (const result of inOrder(broken(), { size: () => 1, most: 9, signal: undefined, run }))
      results.push(result);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'no third item');
  }
  assert.equal(results, [1, 2]);
});

test.run();
