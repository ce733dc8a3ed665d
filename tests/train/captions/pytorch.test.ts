import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCaptioner } from '../../../src/checkpoints/vision/open.js';
import { storedName } from '../../../src/checkpoints/vision/stored_name.js';
import type { Build } from '../../../src/core/binary.js';
import type { Batch } from '../../../src/core/training/batch.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { trainStep } from '../../../src/train/step.js';
import { VISION_MODELS, visionModel } from '../../support/encoders.js';
import { BUILDS } from '../../support/relaxed.js';
import { norm } from '../../support/training.js';

/** What tests/fixtures/cross/pytorch.py writes: the loss before each of five steps and after the last. */
interface Expected {
  readonly captions: readonly (readonly number[])[];
  readonly losses: readonly number[];
  /** Norms of the gradients of the mean loss, by the names of the stored tensors. */
  readonly grad_norms: Readonly<Record<string, number>>;
}

const folderOf = (name: string) => new URL(`../../fixtures/cross/${name}/`, import.meta.url);

function assertNear(got: number, want: number, what: string, unit = Math.abs(want)): void {
  const error = Math.abs(got - want) / unit;
  assert.ok(error <= 1e-4, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

async function load(name: (typeof VISION_MODELS)[number], build: Build, recompute: boolean) {
  const expected: Expected = JSON.parse(readFileSync(new URL('train.json', folderOf(name)), 'utf8'));
  const { encoder, decoder, startTokenId } = await openCaptioner(await folderSource(folderOf(name).pathname));
  const { captions } = expected;
  const length = 1 + Math.max(...captions.map((ids) => ids.length));
  const shape = { batch: captions.length, length, recompute, encoder: encoder.config };
  const core = await TrainCore.create({ config: decoder.config, build, shape, threads: 1 });
  const tensors = new Map([...encoder.tensors, ...decoder.tensors]);
  await loadWeights({ ...decoder, tensors }, core.loader('weights'));
  const end = decoder.config.eosTokenIds[0]!;
  const pad = (ids: readonly number[], fill: number) => [...ids, ...Array(length - ids.length).fill(fill)];
  const batch: Batch = {
    ...{ batch: captions.length, length },
    tokens: captions.flatMap((ids) => pad([startTokenId, ...ids], end)),
    targets: captions.flatMap((ids) => pad([...ids, end], -1)),
    pixels: Float32Array.from(captions.flatMap((_, i) => Array.from(visionModel(name).pixels[i]!))),
  };
  return { core, batch, expected, targets: captions.reduce((sum, ids) => sum + ids.length + 1, 0) };
}

for (const name of VISION_MODELS) {
  for (const build of BUILDS) {
    for (const recompute of [false, true]) {
      test(`${name}, ${build}${recompute ? ', recomputing' : ''}: gradients and five steps are PyTorch's`, async () => {
        const { core, batch, expected, targets } = await load(name, build, recompute);
        const { losses, grad_norms } = expected;
        const scale = 1 / targets;
        assertNear((await core.accumulate(batch, { scale })) * scale, losses[0]!, 'loss');
        assert.is(core.parameters.length, Object.keys(grad_norms).length);
        const whole = Math.hypot(...Object.values(grad_norms));
        for (const parameter of core.parameters) {
          const want = grad_norms[storedName(parameter.name)]!;
          // The gradients of keys' biases are 0 but for rounding.
          assertNear(
            norm(core.read('gradients', parameter)),
            want,
            parameter.name,
            Math.max(want, 1e-3 * whole),
          );
        }
        core.dispose();
        const fresh = await load(name, build, recompute);
        const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
        for (const [i, want] of losses.slice(0, -1).entries()) {
          const { loss } = await trainStep(fresh.core, [batch], {
            ...options,
            step: i + 1,
            maxGradientNorm: Infinity,
          });
          assertNear(loss, want, `loss before step ${i + 1}`);
        }
        assertNear((await fresh.core.evaluate(batch)) * scale, losses.at(-1)!, 'loss after the last step');
        fresh.core.dispose();
      });
    }
  }
}

test.run();
