import type { MemoryTarget } from '../../files/memory_target.js';
import type { Model } from '../../model/model.js';
import type { TrainingStep } from '../../train/training_step.js';
import type { Accuracy } from './protocol.js';

/** A trainer of text or of choices. */
export interface LessonTrainer extends AsyncIterable<TrainingStep> {
  readonly step: number;
  readonly steps: number;
  readonly finished: boolean;
  save(target: MemoryTarget): Promise<void>;
  model(): Promise<Model>;
  dispose(): void;
}

/** A lesson whose model and data are read. */
export interface OpenLesson {
  readonly trainer: LessonTrainer;
  /** A sentence about what the steps learn from. */
  readonly about: string;
  /** Measures of the held-out choices; `undefined` if there are too few. */
  accuracy?(): Promise<Accuracy | undefined>;
}
