import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadEncoder, VISION_MODELS, visionModel } from '../../support/encoders.js';
import { BUILDS } from '../../support/relaxed.js';

for (const name of VISION_MODELS) {
  for (const build of BUILDS) {
    test(`${name}, ${build}: states of all images are within 1e-5 of those of transformers`, async () => {
      const { config, weights, pixels, hidden, projected } = visionModel(name);
      const withoutLast = { ...config, outputChannels: undefined };
      await compare(withoutLast, hidden);
      assert.is(projected.length > 0, config.outputChannels !== undefined);
      if (projected.length > 0) await compare(config, projected);

      async function compare(encoder: typeof config, states: readonly Float32Array[]) {
        const core = await loadEncoder(encoder, weights, { build });
        const count = Math.min(pixels.length, states.length);
        assert.ok(count > 0);
        for (let i = 0; i < count; i++) {
          const computed = await core.encode(pixels[i]!);
          assert.is(computed.length, states[i]!.length);
          const error = computed.reduce((most, x, j) => Math.max(most, Math.abs(x - states[i]![j]!)), 0);
          assert.ok(error <= 1e-5, `image ${i}: ${error}`);
        }
        core.dispose();
      }
    });
  }
}

test.run();
