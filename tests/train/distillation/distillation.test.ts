import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import { writeCheckpoint } from '../../../src/checkpoints/huggingface/write_checkpoint.js';
import type { Batch } from '../../../src/core/training/batch.js';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { distilling } from '../../../src/train/distillation/distillation.js';
import { LiteralGpt2 } from '../../support/literal_gpt2.js';
import { memoryTarget } from '../../support/memory_target.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { gradientsOf } from '../../support/slopes.js';
import { SMALL_CONFIG } from '../../support/small_model.js';
import { norm } from '../../support/training.js';
import { tokenizer } from '../tiny.js';
import {
  literalTeachers,
  meanDistribution,
  softmax,
  someBatch,
  TEACHER_WEIGHTS,
  withLoadedTeachers,
} from './support.js';

const V = SMALL_CONFIG.vocabSize;
const CONFIG: ModelConfig = { ...SMALL_CONFIG, channels: 12, heads: 2, layers: 1, innerChannels: 16 };

/** A core with random weights, and the weights. */
async function student(seed: number, length: number, config = CONFIG) {
  const shape = { batch: 2, length, distill: true };
  const core = await TrainCore.create({ config, build: 'simd', shape, threads: 1 });
  const random = randomSource(seed);
  const weights = new Map<string, Float32Array>();
  for (const parameter of core.parameters) {
    const size = parameter.shape.reduce((product, n) => product * n);
    const values = Float32Array.from({ length: size }, () => random.uniform() - 0.5);
    core.write('weights', parameter, values);
    weights.set(parameter.name, values);
  }
  return { core, weights };
}

async function filesOf(config: ModelConfig, weights: ReadonlyMap<string, Float32Array>) {
  const target = memoryTarget();
  await writeCheckpoint(target, { config, tokenizer, weight: ({ name }) => [weights.get(name)!] });
  return target.files;
}

/** The distributions that the targets of a batch learn from the teachers, by row, in double precision. */
function distributions(teachers: readonly LiteralGpt2[], batch: Batch): Map<number, Float64Array> {
  const found = new Map<number, Float64Array>();
  for (let row = 0; row < batch.batch * batch.length; row++) {
    if (batch.targets[row]! >= 0) found.set(row, meanDistribution(teachers, before(batch, row)));
  }
  return found;
}

/** The tokens of a row's sequence up to it. */
const before = ({ tokens, length }: Batch, row: number) =>
  Array.from(tokens).slice(row - (row % length), row + 1);

/** The sum of the losses by their definition, in double precision. */
function literalLoss(
  model: LiteralGpt2,
  batch: Batch,
  taught: ReadonlyMap<number, Float64Array>,
  hardShare: number,
): number {
  let sum = 0;
  for (const [row, distribution] of taught) {
    const logs = softmax(model.logits(before(batch, row))).map(Math.log);
    const soft = distribution.reduce((total, p, i) => total + p * logs[i]!, 0);
    sum -= hardShare * logs[batch.targets[row]!]! + (1 - hardShare) * soft;
  }
  return sum;
}

for (const count of [1, 2]) {
  test(`losses and gradients are those of the mixture of targets and ${count} teachers`, async () => {
    const inputs = fc.record({ seed: fc.nat(1e6), hardShare: fc.constantFrom(0, 0.25, 0.7) });
    const literal = literalTeachers().slice(0, count);
    await withLoadedTeachers(count, {}, (teachers) =>
      holds(
        `distillation from ${count}`,
        inputs,
        async ({ seed, hardShare }) => {
          const { core, weights } = await student(seed, 5);
          const batch = someBatch(seed, V, 2, 5);
          const taught = distributions(literal, batch);
          const lossOf = async (changed: ReadonlyMap<string, Float32Array>) =>
            literalLoss(new LiteralGpt2(await filesOf(CONFIG, changed)), batch, taught, hardShare);
          const sum = await distilling(teachers, hardShare).accumulate(core, batch, { scale: 1 });
          near(sum, await lossOf(weights), 1e-4 * (1 + sum), 'loss');
          const random = randomSource(seed);
          for (const [name, gradient] of gradientsOf(core)) {
            // Some elements alone: a wrong one would not show in the mean of many.
            const direction = gradient.map((g) => (random.below(3) === 0 ? g : 0));
            const length = norm(direction);
            if (length < 1e-4) continue;
            const at = (by: number) => {
              const moved = weights.get(name)!.map((w, i) => w + (by * direction[i]!) / length);
              return lossOf(new Map([...weights, [name, moved]]));
            };
            const step = 3e-3;
            const slope = ((await at(step)) - (await at(-step))) / (2 * step);
            near(slope, length, 2e-3 * (length + 0.01 * norm(gradient)) + 1e-4, `gradient of ${name}`);
          }
          core.dispose();
        },
        3,
      ),
    );
  });
}

test('a student that equals its teacher has nothing to learn from it', async () => {
  const { core } = await student(1, 20, { ...CONFIG, channels: 16, heads: 2, layers: 1, innerChannels: 24 });
  await withLoadedTeachers(1, {}, async (teachers) => {
    const batch = someBatch(8, V, 2, 20);
    const normAt = async (hardShare: number) => {
      await distilling(teachers, hardShare).accumulate(core, batch, { scale: 1 });
      const found = await core.gradientNorm();
      for (const parameter of core.parameters) {
        core.write('gradients', parameter, core.read('gradients', parameter).fill(0));
      }
      return found;
    };
    const different = await normAt(0);
    for (const parameter of core.parameters) {
      core.write('weights', parameter, TEACHER_WEIGHTS[0]!.get(parameter.name)!);
    }
    const same = await normAt(0);
    assert.ok(same < 1e-4 * different, `${same}, and ${different} of another student`);
    assert.ok((await normAt(0.5)) > 100 * same, 'the targets are learned');
  });
  core.dispose();
});

test('evaluation is the cross-entropy to the data alone', async () => {
  const { core } = await student(2, 12);
  await withLoadedTeachers(1, {}, async (teachers) => {
    const batch = someBatch(9, V, 2, 12);
    assert.is(await distilling(teachers, 0).evaluate(core, batch), await core.evaluate(batch));
  });
  core.dispose();
});

test('distributions of a tile of rows are in memory, not those of a batch', () => {
  const config = { ...CONFIG, contextLength: 1024, vocabSize: 50_257 };
  const added = (length: number) => {
    const shape = { batch: 4, length };
    const of = (distill: boolean) => estimateTrainingMemory(config, { ...shape, distill }).total;
    return of(true) - of(false);
  };
  for (const length of [256, 512, 1024]) assert.ok(added(length) <= 64 * 2 ** 20, `${length}`);
});

test.run();
