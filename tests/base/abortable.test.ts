import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { abortable } from '../../src/base/abortable.js';
import { encodeData } from '../../src/train/training_data.js';
import { fakeTokenizer } from '../support/fake_tokenizer.js';
import { thrown } from '../support/thrown.js';

/** Unlike that of `AbortSignal.timeout`, its timer keeps the process. */
function signalAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('items come in their order, whoever gives them, and an error of theirs is thrown', async () => {
  const broken = async function* () {
    yield 1;
    throw new Error('broken');
  };
  const many = Array.from({ length: 50_000 }, (_, i) => i);
  assert.equal(await all(abortable(many, undefined, 'reading')), many);
  assert.equal(await all(abortable([Promise.resolve(1), 2], undefined, 'reading')), [1, 2]);
  const [result] = await Promise.allSettled([all(abortable(broken(), undefined, 'reading'))]);
  assert.is(result?.status === 'rejected' && result.reason.message, 'broken');
});

test('whoever leaves early, or is aborted, ends the source', async () => {
  let ends = 0;
  const source = async function* () {
    try {
      for (;;) yield 1;
    } finally {
      ends++;
    }
  };
  for await (const _ of abortable(source(), undefined, 'reading')) break;
  assert.is(ends, 1);
  await thrown(() => all(abortable(source(), signalAfter(20), 'reading')), 'aborted');
  await new Promise((resolve) => setTimeout(resolve));
  assert.is(ends, 2);
});

test('data that never come, or never end, are left when the signal fires', async () => {
  const stalled = async function* (): AsyncGenerator<string> {
    await new Promise(() => {});
  };
  const empty = function* () {
    for (;;) yield '';
  };
  const texts = async function* () {
    for (;;) yield 'a';
  };
  for (const data of [stalled(), empty(), texts()]) {
    await thrown(() => encodeData(data, fakeTokenizer, signalAfter(30)), 'aborted', 'reading the data');
  }
});

test.run();
