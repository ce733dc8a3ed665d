import { test } from 'uvu';
import * as assert from 'uvu/assert';

// Set before the package is loaded, which keeps the clock: each batch takes `batchMs`.
let clock = 0;
performance.now = () => clock;
const { FakeCore } = await import('../../support/fake_core.js');

test('tokens per second are those of the latest 64 batches together, while they were computed', async () => {
  const core = new FakeCore({ contextLength: 400 });
  const rate = () => core.scheduler.stats.tokensPerSecond;
  let batchMs = 0;
  core.onForward = () => {
    clock += batchMs;
  };
  const prompt = Array.from({ length: 200 }, (_, i) => i % 64);
  const sequence = core.sequence('session');
  assert.is(rate(), 0);
  await sequence.evaluate({ tokens: [1], read() {} });
  assert.is(rate(), 0, 'without a time there is no rate');
  batchMs = 50;
  await sequence.evaluate({ tokens: prompt, read() {} });
  // Two tokens in three batches, of which the first took no time.
  assert.is(rate(), 20);
  await sequence.evaluate({ tokens: prompt, first: 193, read() {} });
  assert.is(rate(), 60);
  clock += 100_000;
  assert.is(rate(), 60, 'the time between batches does not count');
  batchMs = 4;
  for (let i = 0; i < 64; i++) await sequence.evaluate({ tokens: [...prompt, i], read() {} });
  assert.is(rate(), 250);
});

test.run();
