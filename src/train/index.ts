export { type TrainTokenizerOptions, trainTokenizer } from '../tokenizer/train/train_tokenizer.js';
export type { ModelTarget } from '../weights/target.js';
export { type CheckpointToWrite, writeCheckpoint } from '../weights/write_checkpoint.js';
export {
  type Batch,
  type BatchShape,
  type DataPosition,
  TrainingBatches,
  validationBatches,
} from './data/batches.js';
export type { DataFile, DataFormat, DocumentPart } from './data/data_file.js';
export { type ReadDocumentsOptions, type ReadProgress, readDocuments } from './data/read_documents.js';
export type { RowLayout } from './data/rows.js';
export { splitDocuments, type TokenDocuments, tokenizeDocuments } from './data/token_documents.js';
export type { LossCurve, LossPoint } from './plot/loss_curve.js';
export { lossCurveSvg } from './plot/svg.js';
export { lossCurveText, type TerminalOptions } from './plot/terminal.js';
