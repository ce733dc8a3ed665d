import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { readTensor } from '../../../src/checkpoints/read_tensor.js';
import type { Build } from '../../../src/core/binary.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { PairObjective } from '../../../src/train/preferences/pair_objective.js';
import { preferenceRows } from '../../../src/train/preferences/preference_batch.js';
import { rewardRows } from '../../../src/train/rewards/reward_rows.js';
import { trainStep } from '../../../src/train/step.js';
import type { PreferencePair } from '../../../src/train.js';
import { headsModel } from '../../support/heads.js';
import { BUILDS } from '../../support/relaxed.js';
import { norm } from '../../support/training.js';

const expected = JSON.parse(
  readFileSync(new URL('../../fixtures/preferences/expected.json', import.meta.url), 'utf8'),
);
const { losses, grad_norms } = expected.reward as {
  readonly losses: readonly number[];
  readonly grad_norms: Readonly<Record<string, number>>;
};
const pairs = expected.pairs as readonly PreferencePair[];
const PAD = 96;

function assertNear(got: number, want: number, what: string, unit = Math.abs(want)): void {
  const error = Math.abs(got - want) / unit;
  assert.ok(error <= 1e-4, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

async function load(build: Build) {
  const checkpoint = await openCheckpoint(await folderSource(headsModel('sequence-regression').pathname));
  const score = checkpoint.taskHeads!.find(({ name }) => name === 'score.weight')!;
  const config = { ...checkpoint.config, tiedHead: false, classes: 1 };
  const core = await TrainCore.create({ config, build, shape: { batch: 6, length: 12 }, threads: 1 });
  await loadWeights(checkpoint, core.loader('weights'));
  const head = core.parameters.find(({ name }) => name === 'lm_head.weight')!;
  core.write('weights', head, await readTensor(checkpoint.source, score, head.shape, 'the test', undefined));
  const rules = { tokenizer: undefined, vocabSize: config.vocabSize, length: 12, padTokenId: PAD };
  const counts = { prompts: 0, answers: 0 };
  const preferences = pairs.map((pair, index) => {
    const [chosen, rejected] = rewardRows(pair, rules, counts);
    return { index, answers: [chosen!, rejected!] as const };
  });
  return { core, batch: preferenceRows(pairs.length, ({ answers }) => [...answers], PAD).batch(preferences) };
}

for (const build of BUILDS) {
  test(`${build}: losses, gradients and steps of a reward head are PyTorch's`, async () => {
    const { core, batch } = await load(build);
    const objective = new PairObjective({ tokenLoss: 'logit', weight: () => 1, gamma: 0 });
    const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
    for (const [i, want] of losses.entries()) {
      if (i === 1) {
        await objective.accumulate(core, batch as never, { scale: 1 / pairs.length });
        const whole = Math.hypot(...Object.values(grad_norms));
        assert.is(core.parameters.length, Object.keys(grad_norms).length);
        for (const parameter of core.parameters) {
          const want = grad_norms[parameter.name.replace('lm_head', 'score')]!;
          // The gradients of keys' biases are 0 but for rounding.
          const unit = Math.max(want, 1e-3 * whole);
          const gradient = core.read('gradients', parameter);
          assertNear(norm(gradient), want, parameter.name, unit);
          core.write('gradients', parameter, new Float32Array(gradient.length));
        }
      }
      const step = { ...options, step: i + 1, maxGradientNorm: Infinity };
      assertNear((await trainStep(core, [batch], step, objective)).loss, want, `loss before step ${i + 1}`);
    }
    core.dispose();
  });
}

test.run();
