import '../globals.js';

export { writeAdapter } from '../adapters/adapter_files.js';
export {
  LORA_TARGETS,
  type LoraAdapter,
  type LoraPair,
  type LoraShape,
  type LoraTarget,
} from '../adapters/lora.js';
export type { Build } from '../core/binary.js';
export { type Batch, countTargets, type DropoutRates, type PassOptions } from '../core/train_batch.js';
export { TrainCore, type TrainCoreSettings } from '../core/train_core.js';
export {
  estimateTrainingMemory,
  type TrainingMemoryEstimate,
  type TrainingShape,
} from '../core/train_layout.js';
export type { TrainingPart } from '../core/train_state.js';
export type { AdamWNumbers } from '../core/train_struct.js';
export type { DataFilesOptions } from '../node/data_files.js';
export { dataFiles } from '../platform.js';
export { type TrainTokenizerOptions, trainTokenizer } from '../tokenizer/train/train_tokenizer.js';
export type { ModelTarget } from '../weights/target.js';
export { type CheckpointToWrite, writeCheckpoint } from '../weights/write_checkpoint.js';
export type { CheckpointStore } from './checkpoints.js';
export {
  type BatchShape,
  type DataPosition,
  TrainingBatches,
  validationBatches,
} from './data/batches.js';
export { blobDataFile } from './data/blob_data_file.js';
export type { DataFile, DataFormat, DocumentPart } from './data/data_file.js';
export { type ReadDocumentsOptions, type ReadProgress, readDocuments } from './data/read_documents.js';
export type { RowLayout } from './data/rows.js';
export {
  type DataCounts,
  splitDocuments,
  type TokenDocuments,
  tokenizeDocuments,
} from './data/token_documents.js';
export type { LossCurve, LossPoint } from './plot/loss_curve.js';
export { lossCurveSvg } from './plot/svg.js';
export { lossCurveText, type TerminalOptions } from './plot/terminal.js';
export type { TrainingStep } from './run.js';
export { type Decay, learningRateSchedule, type ScheduleOptions } from './schedule.js';
export { type StepOptions, type StepResult, trainStep } from './step.js';
export { Trainer } from './trainer.js';
export type { LoraOptions, TrainerOptions } from './trainer_options.js';
export type { TrainingData, TrainingText } from './training_data.js';
