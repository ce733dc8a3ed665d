import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { readTensor } from '../../../src/checkpoints/read_tensor.js';
import type { Build } from '../../../src/core/binary.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { classRows } from '../../../src/train/classes/class_rows.js';
import { trainStep } from '../../../src/train/step.js';
import { headsFile, headsModel } from '../../support/heads.js';
import { BUILDS } from '../../support/relaxed.js';
import { norm } from '../../support/training.js';

/** What tests/fixtures/heads/pytorch.py writes: the loss before each of five steps and after the last. */
interface Expected {
  readonly labels: readonly number[];
  readonly losses: readonly number[];
  /** Norms of the gradients of the mean loss. */
  readonly grad_norms: Readonly<Record<string, number>>;
}

const folder = headsModel('sequence');
const { labels, losses, grad_norms }: Expected = JSON.parse(
  readFileSync(new URL('train.json', folder), 'utf8'),
);
const PAD = 96;

function assertNear(got: number, want: number, what: string, unit = Math.abs(want)): void {
  const error = Math.abs(got - want) / unit;
  assert.ok(error <= 1e-4, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

async function load(build: Build) {
  const checkpoint = await openCheckpoint(await folderSource(folder.pathname));
  const score = checkpoint.taskHeads!.find(({ name }) => name === 'score.weight')!;
  const config = { ...checkpoint.config, tiedHead: false, classes: score.shape[0]! };
  const { input_ids } = headsFile('sequence').batches.right as { input_ids: number[][] };
  const shape = { batch: input_ids.length, length: input_ids[0]!.length };
  const core = await TrainCore.create({ config, build, shape, threads: 1 });
  await loadWeights(checkpoint, core.loader('weights'));
  const head = core.parameters.find(({ name }) => name === 'lm_head.weight')!;
  const values = await readTensor(checkpoint.source, score, head.shape, 'the test', undefined);
  core.write('weights', head, values);
  const rows = classRows({
    ...{ rows: shape.batch, length: shape.length, vocabSize: config.vocabSize, tokenizer: undefined },
    ...{ labels: ['0', '1', '2'], padTokenId: PAD },
  });
  const examples = input_ids.map((ids, i) => ({ ids: ids.filter((id) => id !== PAD), label: labels[i]! }));
  return { core, batch: rows.batch(examples) };
}

for (const build of BUILDS) {
  test(`${build}: gradients of a classifier and five steps of AdamW are PyTorch's`, async () => {
    const { core, batch } = await load(build);
    const scale = 1 / labels.length;
    assertNear((await core.accumulate(batch, { scale })) * scale, losses[0]!, 'loss');
    assert.is(core.parameters.length, Object.keys(grad_norms).length);
    const whole = Math.hypot(...Object.values(grad_norms));
    for (const parameter of core.parameters) {
      const want = grad_norms[parameter.name.replace('lm_head', 'score')]!;
      // The gradients of keys' biases are 0 but for rounding.
      const unit = Math.max(want, 1e-3 * whole);
      assertNear(norm(core.read('gradients', parameter)), want, parameter.name, unit);
    }
    core.dispose();
    const fresh = await load(build);
    const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
    for (const [i, want] of losses.slice(0, -1).entries()) {
      const step = { ...options, step: i + 1, maxGradientNorm: Infinity };
      assertNear((await trainStep(fresh.core, [batch], step)).loss, want, `loss before step ${i + 1}`);
    }
    assertNear((await fresh.core.evaluate(fresh.batch)) * scale, losses.at(-1)!, 'loss after the last step');
    fresh.core.dispose();
  });
}

test.run();
