import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type Model } from '../../src/index.js';
import { collectUntil } from '../support/garbage.js';
import { freshSeed } from '../support/property.js';
import { randomSource } from '../support/random.js';
import { shardedFiles } from '../support/small_model.js';

const files = await shardedFiles();
const random = randomSource(freshSeed('sequences that come and go'));

/** One of the ways in which a sequence comes and goes. */
async function visit(model: Model, number: number): Promise<void> {
  const prompt = Array.from({ length: 1 + random.below(30) }, () => random.below(200));
  const options = { maxTokens: 1 + random.below(3), seed: number };
  switch (number % 6) {
    case 0:
      await model.generate(prompt, { ...options, n: 3 });
      return;
    case 1:
      // A reader who leaves in the middle.
      for await (const _ of model.stream(prompt, { ...options, maxTokens: 9 })) return;
      return;
    case 2: {
      const session = model.session();
      await session.generate(prompt, options);
      const fork = session.fork();
      await Promise.all([session.generate(undefined, options), fork.generate([...prompt, 1], options)]);
      session.dispose();
      fork.dispose();
      return;
    }
    case 3: {
      const controller = new AbortController();
      const generated = model.generate(prompt, { ...options, maxTokens: 9, signal: controller.signal });
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await generated;
      return;
    }
    case 4:
      await model.score(prompt.concat(1));
      return;
    default:
      // Forgotten, and not disposed of.
      await model.session().generate(prompt, options);
  }
}

async function visits(model: Model, from: number, to: number): Promise<void> {
  let next = from;
  const visitor = async () => {
    while (next < to) await visit(model, next++);
  };
  await Promise.all(Array.from({ length: 50 }, visitor));
  assert.ok(await collectUntil(() => model.stats().pages.used === 0), `${model.stats().pages.used} pages`);
}

async function heapBytes(): Promise<number> {
  let rounds = 0;
  await collectUntil(() => rounds++ === 5);
  return process.memoryUsage().heapUsed;
}

test('10,000 sequences come and go: all pages return, and no memory grows', async () => {
  const model = await loadModel(files, { build: 'simd', threads: 1, maxMemory: 4 * 2 ** 20 });
  await visits(model, 0, 1500);
  const [heap, { memoryBytes }] = [await heapBytes(), model.runtime];
  await visits(model, 1500, 10_000);
  assert.is(model.runtime.memoryBytes, memoryBytes);
  const grown = (await heapBytes()) - heap;
  // Compiled code and caches come and go by some 100 KB; a sequence that is kept takes more than 200 bytes.
  assert.ok(grown < 8500 * 200, `the heap grew by ${grown} bytes`);
  model.dispose();
});

test.run();
