import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PreferenceTrainer, type PreferenceTrainerOptions, TrainCore } from '../../../src/train.js';
import { headsModel } from '../../support/heads.js';
import { BUILDS } from '../../support/relaxed.js';
import { norm } from '../../support/training.js';

/** The file that tests/fixtures/preferences/pytorch.py writes. */
interface Expected {
  /** Losses before each of six steps. */
  readonly losses: readonly number[];
  /** Norms of the gradients before the second step. */
  readonly grad_norms: Readonly<Record<string, number>>;
}

const expected = JSON.parse(
  readFileSync(new URL('../../fixtures/preferences/expected.json', import.meta.url), 'utf8'),
);

function assertNear(got: number, want: number, what: string, unit = Math.abs(want)): void {
  const error = Math.abs(got - want) / unit;
  assert.ok(error <= 2e-4, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

/** Gradients of each step of a run, which AdamW sets to 0. */
function spyOnGradients(): { readonly norms: Map<string, number>[]; end(): void } {
  const norms: Map<string, number>[] = [];
  const { update } = TrainCore.prototype;
  TrainCore.prototype.update = function (numbers) {
    norms.push(new Map(this.parameters.map((one) => [one.name, norm(this.read('gradients', one))])));
    return update.call(this, numbers);
  };
  const end = () => {
    TrainCore.prototype.update = update;
  };
  return { norms, end };
}

const OPTIONS = {
  ...{ model: headsModel('base').pathname, steps: 6, schedule: 'constant', warmup: 0, learningRate: 1e-3 },
  ...{ validation: 0, maxGradientNorm: Infinity, threads: 1, contextLength: 16 },
} as const;

for (const build of BUILDS) {
  for (const loss of ['dpo', 'simpo', 'kto'] as const) {
    test(`${build}: losses, gradients and steps of ${loss} are PyTorch's`, async () => {
      const { losses, grad_norms }: Expected = expected[loss];
      const data = loss === 'kto' ? expected.singles : expected.pairs;
      const weights = loss === 'kto' && { undesirableWeight: 1.5 };
      const run = { ...OPTIONS, ...weights, build, loss, data, batchSize: data.length };
      const trainer = await PreferenceTrainer.create(run as PreferenceTrainerOptions);
      const spy = spyOnGradients();
      const got: number[] = [];
      try {
        for await (const step of trainer) got.push(step.loss);
      } finally {
        spy.end();
      }
      losses.forEach((want, i) => void assertNear(got[i]!, want, `loss before step ${i + 1}`));
      const whole = Math.hypot(...Object.values(grad_norms));
      assert.is(spy.norms[1]!.size, Object.keys(grad_norms).length);
      for (const [name, got] of spy.norms[1]!) {
        // The gradients of keys' biases are 0 but for rounding.
        const want = grad_norms[name]!;
        assertNear(got, want, name, Math.max(want, 1e-3 * whole));
      }
      trainer.dispose();
    });
  }
}

test.run();
