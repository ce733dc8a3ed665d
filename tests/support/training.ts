import * as assert from 'uvu/assert';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import type { Build } from '../../src/core/binary.js';
import type { Batch } from '../../src/core/training/batch.js';
import type { TrainingShape } from '../../src/core/training/shape.js';
import type { TrainingPart } from '../../src/core/training/state.js';
import { TrainCore } from '../../src/core/training/train_core.js';
import { folderSource } from '../../src/files/folder/folder_source.js';
import { trainStep } from '../../src/train/step.js';
import { CHECKPOINTS, checkpointFolder, decodeExpected, expectedOf } from './checkpoints.js';
import { randomSource } from './random.js';

export const SHAPE = { batch: 3, length: 20 };
export const DROPOUT = { embedding: 0.1, attention: 0.2, residual: 0.3 };

/** PyTorch's results of training, for the fixtures that have them. */
export interface ExpectedTraining {
  readonly input_ids: readonly number[];
  /** Norms of the gradients of the mean loss, by the name of the weight. */
  readonly grad_norms: Readonly<Record<string, number>>;
  readonly grad_norm: number;
  /** Losses before each of five steps and after the last. */
  readonly train: { readonly optimizer: string; readonly losses: readonly number[] };
}

export function expectedTrainingOf(name: string): ExpectedTraining {
  return decodeExpected(`${checkpointFolder(name)}/expected.json`);
}

/** Names of the fixture checkpoints with results of training. */
export const TRAINED: readonly string[] = CHECKPOINTS.filter((name) => 'train' in expectedOf(name));

/** A fixture checkpoint ready for training. */
export async function loadTrainCore(
  name: string,
  build: Build,
  shape: TrainingShape,
  threads = 1,
): Promise<TrainCore> {
  const checkpoint = await openCheckpoint(await folderSource(checkpointFolder(name)));
  const core = await TrainCore.create({ config: checkpoint.config, build, shape, threads });
  await loadWeights(checkpoint, core.loader('weights'));
  return core;
}

/** A batch of one sequence; the target of each token is the next one, and the last has none. */
export function sequence(ids: readonly number[]): Batch {
  const targets = [...ids.slice(1), -1];
  return { batch: 1, length: ids.length, tokens: ids, targets };
}

/** Random tokens; about a quarter without a target. */
export function randomBatch(
  seed: number,
  vocabSize: number,
  batch = SHAPE.batch,
  length = SHAPE.length,
): Batch {
  const random = randomSource(seed);
  const draw = () => Array.from({ length: batch * length }, () => random.below(vocabSize));
  return { batch, length, tokens: draw(), targets: draw().map((id) => (random.below(4) ? id : -1)) };
}

/** The values of one part for every parameter: weights, gradients or moments. */
export const state = (core: TrainCore, part: TrainingPart): Float32Array[] =>
  core.parameters.map((parameter) => core.read(part, parameter));

/** Checks that three steps on 1, 2 and 3 threads give the same losses and weights, bit for bit. */
export async function sameOnThreads(load: (threads: number) => Promise<TrainCore>): Promise<void> {
  const run = async (threads: number) => {
    const core = await load(threads);
    assert.is(core.threads.count, threads);
    const results = [];
    for (let step = 1; step <= 3; step++) {
      const batch = randomBatch(step, core.config.vocabSize);
      results.push(await trainStep(core, [batch], { step, learningRate: 1e-3, dropout: DROPOUT }));
    }
    const weights = state(core, 'weights');
    core.dispose();
    return [results, weights];
  };
  const one = await run(1);
  for (const threads of [2, 3]) assert.equal(await run(threads), one, `${threads} threads`);
}

export function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
