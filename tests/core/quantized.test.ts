import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../src/architecture/gpt2/config.js';
import { estimateMemory } from '../../src/core/layout.js';
import { CHECKPOINTS, expectedOf, loadCore } from '../support/checkpoints.js';
import { logitsInBlocks, relativeError } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

const FORMATS = [
  {
    weights: 'q8',
    // Random weights of few channels are the worst case: 1.6 to 4.4 % here. An error near 0 would be f32's.
    errors: { least: 0.003, most: 0.06 },
    // Per 32 weights.
    bytes: 34,
    mostBytesOfGpt2: 145e6,
  },
  {
    weights: 'q4',
    // 12 to 35 % here. A smaller error would be that of more than 4 bits.
    errors: { least: 0.08, most: 0.45 },
    bytes: 18,
    mostBytesOfGpt2: 85e6,
  },
] as const;

for (const { weights, errors, bytes, mostBytesOfGpt2 } of FORMATS) {
  for (const name of CHECKPOINTS) {
    for (const build of BUILDS) {
      test(`${name}, ${build}: ${weights} logits are near PyTorch's, the same in one block and in blocks of 1 and of 7`, async () => {
        const { input_ids, logits } = expectedOf(name);
        const core = await loadCore(name, build, weights);
        const whole = await logitsInBlocks(core, input_ids);
        const error = relativeError(whole, logits);
        assert.ok(error > errors.least && error < errors.most, `relative error ${error}`);
        assert.equal(await logitsInBlocks(core, input_ids, 1), whole);
        assert.equal(await logitsInBlocks(core, input_ids, 7), whole);
      });
    }
  }

  test(`both builds compute the same ${weights} model`, async () => {
    for (const name of CHECKPOINTS) {
      const { input_ids } = expectedOf(name);
      const [simd, relaxed] = await Promise.all(
        BUILDS.map(async (build) => logitsInBlocks(await loadCore(name, build, weights), input_ids, 7)),
      );
      // Fused and separate sums differ in their last bits, so a few quantized activations differ by one step.
      assert.ok(relativeError(relaxed!, simd!) < 0.01, name);
    }
  });

  test(`gpt2 in ${weights} takes at most ${mostBytesOfGpt2 / 1e6} MB besides the KV cache`, () => {
    const shape = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
    const config = parseConfig({ model_type: 'gpt2', ...shape }, 'test');
    const memory = estimateMemory(config, weights);
    assert.ok(memory.weights + memory.scratch <= mostBytesOfGpt2, `${memory.weights + memory.scratch}`);
    assert.ok(memory.weights > 124e6 * (bytes / 32), `${memory.weights} bytes for 124 million weights`);
  });
}

test.run();
