import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import type { CoreExports } from '../../src/core/abi/exports.js';
import { BATCH_ROWS } from '../../src/core/layout.js';
import { withoutWorkers } from '../../src/core/threads/plan.js';
import { type PoolStart, ThreadPool } from '../../src/core/threads/pool.js';
import type { ThreadStart } from '../../src/core/threads/protocol.js';
import { WasmCore } from '../../src/core/wasm_core.js';
import { WEIGHT_FORMATS } from '../../src/dtypes/weight_formats.js';
import { folderSource } from '../../src/files/folder/folder_source.js';
import type { ThreadEvents, ThreadPlatform } from '../../src/host/threads.js';
import { CHECKPOINTS, checkpointFolder, expectedOf, loadCore } from '../support/checkpoints.js';
import { logitsInBlocks } from '../support/logits.js';
import { randomCore } from '../support/random_core.js';
import { BUILDS } from '../support/relaxed.js';
import { thrown } from '../support/thrown.js';

/** Checkpoints whose sizes divide work among threads in different ways; the others differ in numbers and files. */
const SHAPES = ['base', 'context-full', 'odd-sizes', 'one-layer-one-head', 'untied-head', 'wide-head'];

for (const build of BUILDS) {
  for (const weights of WEIGHT_FORMATS) {
    const checkpoints = build === 'simd' && weights === 'f32' ? CHECKPOINTS : SHAPES;
    test(`${build}, ${weights}: 2 and 3 threads give the bits of one, in one block and in blocks of 1 and 7`, async () => {
      for (const name of checkpoints) {
        const { input_ids } = expectedOf(name);
        const one = await loadCore(name, build, weights);
        const wanted = await logitsInBlocks(one, input_ids);
        for (const threads of [2, 3]) {
          const core = await loadCore(name, build, weights, threads);
          assert.is(core.threads.count, threads);
          for (const blockSize of [BATCH_ROWS, 1, 7]) {
            assert.equal(
              await logitsInBlocks(core, input_ids, blockSize),
              wanted,
              `${name}, ${threads} threads`,
            );
          }
          core.dispose();
        }
      }
    });
  }
}

test('a prompt of several batches, of which only the last has a wanted row, has the same bits on 3 threads', async () => {
  const config = { contextLength: 300, vocabSize: 96 };
  const [one, three] = [await randomCore({ config }), await randomCore({ config, threads: 3 })];
  const tokens = Array.from({ length: 300 }, (_, i) => (7 * i) % 96);
  const last = (await logitsInBlocks(one, tokens)).slice(-96);
  // A thread that is late must not take the next batch for its own.
  for (let round = 0; round < 20; round++) {
    const sequence = three.sequence('call', true);
    await sequence.evaluate({ tokens, read: ({ values }) => assert.equal(values.slice(), last) });
    sequence.release();
  }
  one.dispose();
  three.dispose();
});

test('where workers do not start, the own thread computes and the plan says why', async () => {
  const platform: ThreadPlatform = {
    processors: () => 4,
    oneByOne: false,
    startThread(_, events) {
      setImmediate(() => events.onEnd(new Error('no script here')));
      return { keepAlive() {}, terminate() {} };
    },
  };
  const { input_ids } = expectedOf('base');
  const one = await loadCore('base', 'simd');
  const core = await WasmCore.create({
    config: one.config,
    build: 'simd',
    weights: 'f32',
    threads: { count: 2, reason: 'a test', platform },
  });
  await core.startThreads();
  assert.equal(core.threads, { count: 1, reason: 'workers do not start here: no script here' });
  const checkpoint = await openCheckpoint(await folderSource(checkpointFolder('base')));
  await loadWeights(checkpoint, core.loader);
  assert.equal(await logitsInBlocks(core, input_ids, 7), await logitsInBlocks(one, input_ids, 7));
});

/** A platform that calls `start` in place of starting a worker, with the set of running workers. */
function fakePlatform(oneByOne: boolean, start: (events: ThreadEvents, index: number) => void) {
  const running = new Set<number>();
  const platform: ThreadPlatform = {
    processors: () => 4,
    oneByOne,
    startThread(thread, events) {
      const { index } = thread as ThreadStart;
      start(events, index);
      running.add(index);
      return { keepAlive() {}, terminate: () => running.delete(index) };
    },
  };
  return { platform, running };
}

const startPool = (platform: ThreadPlatform, limitMs?: number) =>
  ThreadPool.start({} as CoreExports, { count: 3 } as PoolStart, platform, limitMs);

test('a worker that is never ready is given up, and the others ended', async () => {
  for (const oneByOne of [false, true]) {
    const { platform, running } = fakePlatform(oneByOne, (events, index) => {
      if (index !== 1) setImmediate(() => events.onMessage('ready'));
    });
    const error = await thrown(() => startPool(platform, 20), 'runtime');
    assert.match((error.cause as Error).message, /not ready after 0\.02 seconds/);
    assert.is(running.size, 0);
    assert.match(withoutWorkers(error).reason, /workers do not start here: one was not ready/);
  }
});

test('a worker that cannot be created leaves no other one', async () => {
  const { platform, running } = fakePlatform(false, (_, index) => {
    if (index === 2) throw new Error('no more workers');
  });
  const error = await startPool(platform).catch((reason) => reason);
  assert.match(withoutWorkers(error).reason, /workers do not start here: .*no more workers/);
  assert.is(running.size, 0);
});

test('a platform that wants it gets its workers one after the other', async () => {
  const events: string[] = [];
  const { platform } = fakePlatform(true, ({ onMessage }, index) => {
    events.push(`create ${index}`);
    setTimeout(() => {
      events.push(`ready ${index}`);
      onMessage('ready');
    }, 2);
  });
  (await startPool(platform)).dispose();
  assert.equal(events, ['create 0', 'ready 0', 'create 1', 'ready 1', 'create 2', 'ready 2']);
});

test.run();
