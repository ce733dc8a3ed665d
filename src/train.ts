import './base/globals.js';

export type {
  MapperConfig,
  MapperSizes,
  MlpMapperConfig,
  TransformerMapperConfig,
} from './architecture/clipcap/config.js';
export {
  CAPTION_LORA_TARGETS,
  LORA_TARGETS,
  type LoraAdapter,
  type LoraPair,
  type LoraShape,
  type LoraTarget,
} from './architecture/gpt2/lora.js';
export type { Parameter } from './architecture/gpt2/parameters.js';
export type { ConfigFiles } from './checkpoints/checkpoint.js';
export { type CheckpointToWrite, writeCheckpoint } from './checkpoints/huggingface/write_checkpoint.js';
export { writeAdapter } from './checkpoints/peft/write_adapter.js';
export type { WeightLoader } from './checkpoints/weight_loader.js';
export type { Build } from './core/binary.js';
export { type Batch, countTargets } from './core/training/batch.js';
export {
  estimateTrainingMemory,
  type TrainingMemoryEstimate,
} from './core/training/layout.js';
export type {
  DropoutRates,
  MicrobatchOptions,
  /** @deprecated Use MicrobatchOptions. */
  MicrobatchOptions as PassOptions,
  SoftTargets,
  TokenLoss,
} from './core/training/microbatch_options.js';
export {
  type Optimizer,
  TRAINING_SECTIONS,
  type TrainingSection,
  type TrainingShape,
} from './core/training/shape.js';
export type { TrainingPart } from './core/training/state.js';
export type { AdamWNumbers } from './core/training/structs.js';
export { TrainCore, type TrainCoreSettings } from './core/training/train_core.js';
export type { BlockType, Dtype, TensorType } from './dtypes/tensor_types.js';
export type { QuantizedFormat } from './dtypes/weight_formats.js';
export type { DataFile, DataFormat, DocumentPart } from './files/data_file.js';
export type { DataFilesOptions } from './files/folder/data_files.js';
export type { JsonObject } from './files/json_object.js';
export { dataFiles } from './files/platform.js';
export type { ModelTarget } from './files/target.js';
export type {
  TrainingStateStore,
  /** @deprecated Use TrainingStateStore. */
  TrainingStateStore as CheckpointStore,
} from './files/training_state_store.js';
export type { LearnStep } from './tokenizer/train/learn_merges.js';
export { type TrainTokenizerOptions, trainTokenizer } from './tokenizer/train/train_tokenizer.js';
export type { CaptionData, CaptionDataset, CaptionExample } from './train/captions/caption_data.js';
export type { CaptionTrainerOptions, NewCaptioner } from './train/captions/caption_options.js';
export { CaptionTrainer } from './train/captions/caption_trainer.js';
export type { ClassMeasures } from './train/classes/class_measures.js';
export type { ClassifierTrainerOptions, LabelledText } from './train/classes/classifier_options.js';
export { ClassifierTrainer } from './train/classes/classifier_trainer.js';
export {
  type BatchShape,
  type DataPosition,
  type FilledBatch,
  TrainingBatches,
  validationBatches,
} from './train/data/batches.js';
export { blobDataFile } from './train/data/blob_data_file.js';
export type { Curriculum } from './train/data/curriculum.js';
export type { DocumentPlace, DocumentPlaces } from './train/data/document_places.js';
export type { ExampleData, ExampleDataset } from './train/data/examples.js';
export { type ReadDocumentsOptions, type ReadProgress, readDocuments } from './train/data/read_documents.js';
export type { RowLayout } from './train/data/rows.js';
export type { SkippedText, Skipping } from './train/data/skipping.js';
export { splitDocuments } from './train/data/split_documents.js';
export { type DataCounts, type TokenDocuments, tokenizeDocuments } from './train/data/token_documents.js';
export type { DistillationOptions, TeacherTextProgress } from './train/distillation/options.js';
export { type Deduplicated, type Duplicate, deduplicateDocuments } from './train/duplicates/deduplicate.js';
export type { DeduplicateOptions } from './train/duplicates/options.js';
export { findLeaks, type Leak, type LeakReport } from './train/leaks/find_leaks.js';
export type { Objective } from './train/objective.js';
export type { LossCurve, LossPoint } from './train/plot/loss_curve.js';
export { lossCurveSvg } from './train/plot/svg.js';
export { lossCurveText, type TerminalOptions } from './train/plot/terminal.js';
export type {
  JudgedAnswer,
  PreferenceData,
  PreferencePair,
} from './train/preferences/preference_data.js';
export type { PreferenceMeasures } from './train/preferences/preference_measures.js';
export type { PreferenceLoss, PreferenceTrainerOptions } from './train/preferences/preference_options.js';
export { PreferenceTrainer } from './train/preferences/preference_trainer.js';
export type { ReferenceProgress } from './train/preferences/reference.js';
export type {
  MapperToTrain,
  NewMlpMapper,
  NewTransformerMapper,
  StoredMapper,
} from './train/prefixes/new_mapper.js';
export type { PrefixData, PrefixExample } from './train/prefixes/prefix_data.js';
export type { PrefixTrainerOptions } from './train/prefixes/prefix_options.js';
export { PrefixTrainer } from './train/prefixes/prefix_trainer.js';
export type { DataReport, DuplicateCounts, ReadCounts } from './train/report/data_report.js';
export type { RowCounts } from './train/report/row_counts.js';
export type { RewardTrainerOptions } from './train/rewards/reward_options.js';
export { RewardTrainer } from './train/rewards/reward_trainer.js';
export type { LoraOptions, RunOptions } from './train/run_options.js';
export { type Decay, learningRateSchedule, type ScheduleOptions } from './train/schedule.js';
export { type StepOptions, type StepResult, trainStep } from './train/step.js';
export { Trainer } from './train/trainer.js';
export type { TrainerOptions } from './train/trainer_options.js';
export type { TrainingData, TrainingText } from './train/training_data.js';
export type { TrainingStep } from './train/training_step.js';
