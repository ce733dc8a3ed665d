import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WEIGHT_FORMATS } from '../../src/core/layout.js';
import type { ThreadPlatform } from '../../src/core/threads/protocol.js';
import { WasmCore } from '../../src/core/wasm_core.js';
import { folderSource } from '../../src/node/folder_source.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { loadWeights } from '../../src/weights/load.js';
import { CHECKPOINTS, checkpointFolder, expectedOf, loadCore } from '../support/checkpoints.js';
import { logitsInBlocks } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

for (const build of BUILDS) {
  for (const weights of WEIGHT_FORMATS) {
    test(`${build}, ${weights}: 2 and 3 threads give the bits of one, in one block and in blocks of 1 and 7`, async () => {
      for (const name of CHECKPOINTS) {
        const { input_ids } = expectedOf(name);
        const one = await loadCore(name, build, weights);
        const wanted = await logitsInBlocks(one, input_ids, one.blockSize);
        for (const threads of [2, 3]) {
          const core = await loadCore(name, build, weights, threads);
          assert.is(core.threads.count, threads);
          for (const blockSize of [core.blockSize, 1, 7]) {
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

test('where workers do not start, the own thread computes and the plan says why', async () => {
  const platform: ThreadPlatform = {
    processors: () => 4,
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
  await loadWeights(checkpoint, core.sink);
  assert.equal(await logitsInBlocks(core, input_ids, 7), await logitsInBlocks(one, input_ids, 7));
});

test.run();
