import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { merged } from '../../src/server/merged.js';
import { until } from '../support/until.js';

async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function* counting(name: string, count: number): AsyncGenerator<string, void> {
  for (let i = 0; i < count; i++) yield `${name}${i}`;
}

test('all values come, those of each generator in their order, and no generator has to wait for the others', async () => {
  assert.equal(await collected(merged([])), []);
  assert.equal(await collected(merged([counting('a', 0)])), []);
  assert.equal(await collected(merged([counting('a', 3), counting('b', 0), counting('c', 2)])), [
    ...['a0', 'c0', 'a1', 'c1', 'a2'],
  ]);
  let open = () => {};
  async function* waiting(): AsyncGenerator<string, void> {
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    yield 'late';
  }
  const values = merged([waiting(), counting('a', 2)]);
  assert.is((await values.next()).value, 'a0');
  assert.is((await values.next()).value, 'a1');
  const last = values.next();
  open();
  assert.is((await last).value, 'late');
  assert.ok((await values.next()).done);
});

test('the first error ends all, and so does whoever stops reading', async () => {
  const ended: string[] = [];
  async function* tracked(name: string): AsyncGenerator<string, void> {
    try {
      for (;;) yield name;
    } finally {
      ended.push(name);
    }
  }
  async function* failing(): AsyncGenerator<string, void> {
    yield 'c';
    throw new Error('broken');
  }
  const read: string[] = [];
  try {
    for await (const value of merged([tracked('a'), tracked('b'), failing()])) read.push(value);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'broken');
  }
  assert.equal(read.slice(0, 3), ['a', 'b', 'c']);
  await until(() => ended.length === 2);
  for await (const value of merged([tracked('d'), tracked('e')])) if (value === 'e') break;
  await until(() => ended.length === 4);
  assert.equal(ended.sort(), ['a', 'b', 'd', 'e']);
});

test.run();
