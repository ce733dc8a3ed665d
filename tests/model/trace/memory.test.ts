import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { randomModel } from '../../support/random_core.js';

test('memory of traces counts to maxMemory', async () => {
  // A trace takes as much memory as a page.
  const source = await randomModel({ contextLength: 1024, channels: 480, heads: 1, layers: 1 });
  const { memoryBytes } = (await loadModel(source, { build: 'simd' })).runtime;
  const maxMemory = memoryBytes + 5 * 2 ** 20;
  const model = await loadModel(source, { build: 'simd', maxMemory });
  await model.trace([1, 2]);
  const texts = Array.from({ length: 8 }, (_, text) =>
    Array.from({ length: 1024 }, (_, i) => (text * i) % 90),
  );
  const sessions = texts.map(() => model.session());
  for (const [i, session] of sessions.entries()) {
    await session.generate(texts[i]!.slice(0, 1000), { maxTokens: 1, ignoreEos: true });
  }
  assert.ok(model.runtime.memoryBytes > memoryBytes);
  assert.ok(model.runtime.memoryBytes <= maxMemory + 65536, `${model.runtime.memoryBytes} of ${maxMemory}`);
  model.dispose();
});

test.run();
