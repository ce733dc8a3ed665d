export type { Build } from '../core/binary.js';
export {
  type Batch,
  type DropoutRates,
  type PassOptions,
  TrainCore,
  type TrainCoreSettings,
  type TrainingPart,
} from '../core/train_core.js';
export {
  estimateTrainingMemory,
  type TrainingMemoryEstimate,
  type TrainingShape,
} from '../core/train_layout.js';
export type { AdamWNumbers } from '../core/train_struct.js';
export { type Decay, learningRateSchedule, type ScheduleOptions } from './schedule.js';
export { countTargets, type StepOptions, type StepResult, trainStep } from './step.js';
