import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trainStep } from '../../src/train/step.js';
import { BUILDS } from '../support/relaxed.js';
import { expectedTrainingOf, loadTrainCore, norm, sequence, TRAINED } from '../support/training.js';

function assertNear(got: number, want: number, what: string): void {
  const error = Math.abs(got - want) / Math.abs(want);
  assert.ok(error <= 1e-4, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

assert.is(TRAINED.length, 11);

for (const name of TRAINED) {
  for (const build of BUILDS) {
    for (const recompute of [false, true]) {
      const title = `${name}, ${build}${recompute ? ', recomputing' : ''}`;

      test(`${title}: every gradient's norm is PyTorch's`, async () => {
        const { input_ids, grad_norms, grad_norm, train } = expectedTrainingOf(name);
        const core = await loadTrainCore(name, build, { batch: 1, length: input_ids.length, recompute });
        const batch = sequence(input_ids);
        const scale = 1 / (input_ids.length - 1);
        assertNear((await core.evaluate(batch)) * scale, train.losses[0]!, 'loss');
        assert.is(await core.gradientNorm(), 0);
        assertNear((await core.accumulate(batch, { scale })) * scale, train.losses[0]!, 'loss');
        assertNear(await core.gradientNorm(), grad_norm, 'norm of all gradients');
        assert.is(core.parameters.length, Object.keys(grad_norms).length);
        for (const parameter of core.parameters)
          assertNear(norm(core.read('gradients', parameter)), grad_norms[parameter.name]!, parameter.name);
      });

      test(`${title}: the losses of five steps are PyTorch's`, async () => {
        const { input_ids, train } = expectedTrainingOf(name);
        const core = await loadTrainCore(name, build, { batch: 1, length: input_ids.length, recompute });
        const batch = sequence(input_ids);
        const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
        for (const [i, want] of train.losses.slice(0, -1).entries()) {
          const { loss } = await trainStep(core, [batch], {
            ...options,
            step: i + 1,
            maxGradientNorm: Infinity,
          });
          assertNear(loss, want, `loss before step ${i + 1}`);
        }
        const loss = (await core.evaluate(batch)) / (input_ids.length - 1);
        assertNear(loss, train.losses.at(-1)!, 'loss after the last step');
      });
    }
  }
}

test.run();
