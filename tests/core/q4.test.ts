import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../src/architecture/gpt2/config.js';
import { estimateMemory } from '../../src/core/layout.js';
import { CHECKPOINTS, expectedOf, loadCore } from '../support/checkpoints.js';
import { logitsInBlocks, relativeError } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

for (const name of CHECKPOINTS) {
  for (const build of BUILDS) {
    test(`${name}, ${build}: q4 logits are near PyTorch's, the same in one block and in blocks of 1 and of 7`, async () => {
      const { input_ids, logits } = expectedOf(name);
      const core = await loadCore(name, build, 'q4');
      const whole = await logitsInBlocks(core, input_ids, core.blockSize);
      const error = relativeError(whole, logits);
      // Random weights of few channels are the worst case: 12 to 35 % here. That it is not less shows that q4 ran.
      assert.ok(error > 0.08 && error < 0.45, `relative error ${error}`);
      assert.equal(await logitsInBlocks(core, input_ids, 1), whole);
      assert.equal(await logitsInBlocks(core, input_ids, 7), whole);
    });
  }
}

test('both builds compute the same q4 model', async () => {
  for (const name of CHECKPOINTS) {
    const { input_ids } = expectedOf(name);
    const [simd, relaxed] = await Promise.all(
      BUILDS.map(async (build) => logitsInBlocks(await loadCore(name, build, 'q4'), input_ids, 7)),
    );
    // Fused or not, sums differ in their last bits, and with them now and then an activation by one step.
    assert.ok(relativeError(relaxed!, simd!) < 0.01, name);
  }
});

test('gpt2 in q4 takes at most 85 MB besides the KV cache', () => {
  const shape = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
  const { weights, scratch } = estimateMemory(parseConfig({ model_type: 'gpt2', ...shape }, 'test'), 'q4');
  assert.ok(weights + scratch <= 85e6, `${weights + scratch}`);
  // 18 bytes for each 32 of the 124 million weights, positions in f32.
  assert.ok(weights > 124e6 * (18 / 32), `${weights}`);
});

test.run();
