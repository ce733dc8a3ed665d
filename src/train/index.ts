export type { Build } from '../core/binary.js';
export type { Batch, DropoutRates, PassOptions } from '../core/train_batch.js';
export { TrainCore, type TrainCoreSettings } from '../core/train_core.js';
export {
  estimateTrainingMemory,
  type TrainingMemoryEstimate,
  type TrainingShape,
} from '../core/train_layout.js';
export type { TrainingPart } from '../core/train_state.js';
export type { AdamWNumbers } from '../core/train_struct.js';
export { type Decay, learningRateSchedule, type ScheduleOptions } from './schedule.js';
export { countTargets, type StepOptions, type StepResult, trainStep } from './step.js';
