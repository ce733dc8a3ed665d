import type { Build } from '../../src/core/binary.js';
import type { Batch } from '../../src/core/train_batch.js';
import { TrainCore } from '../../src/core/train_core.js';
import type { TrainingShape } from '../../src/core/train_layout.js';
import { folderSource } from '../../src/node/folder_source.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { loadWeights } from '../../src/weights/load.js';
import { CHECKPOINTS, checkpointFolder, decodeExpected, expectedOf } from './checkpoints.js';

/** What PyTorch computed in training, for the fixtures that have it. */
export interface ExpectedTraining {
  readonly input_ids: readonly number[];
  /** Norm of the mean loss's gradient, by weight. */
  readonly grad_norms: Readonly<Record<string, number>>;
  readonly grad_norm: number;
  /** Losses before each of five steps and after them. */
  readonly train: { readonly optimizer: string; readonly losses: readonly number[] };
}

export function expectedTrainingOf(name: string): ExpectedTraining {
  return decodeExpected(`${checkpointFolder(name)}/expected.json`);
}

/** Names of the fixture checkpoints that were trained. */
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
  await loadWeights(checkpoint, core.sink('weights'));
  return core;
}

/** One sequence in which each token is to be followed by the next. */
export function sequence(ids: readonly number[]): Batch {
  const targets = [...ids.slice(1), -1];
  return { batch: 1, length: ids.length, tokens: ids, targets };
}

export function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
