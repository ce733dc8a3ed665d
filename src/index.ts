import './globals.js';

export type { AdapterChoice, AdapterOptions } from './adapters/choice.js';
export type { Activation, ModelConfig } from './config.js';
export { type ConvertOptions, convertModel } from './convert_model.js';
export type { Build } from './core/binary.js';
export { estimateMemory, type MemoryEstimate, type WeightFormat } from './core/layout.js';
export { Gpt2Error, type Gpt2ErrorCode } from './errors.js';
export type {
  Choice,
  Completion,
  FinishReason,
  Timings,
  Token,
  TokenLogprob,
  TopToken,
  Usage,
} from './generate/completion.js';
export type { GenerateOptions } from './generate/options.js';
export type { Prompt } from './generate/prompt.js';
export type { Session } from './generate/session.js';
export type { TokenStream } from './generate/token_stream.js';
export { type CachedFile, cachedFiles, deleteCachedFiles } from './http/cached_files.js';
export { type InspectOptions, inspectModel, type ModelInfo } from './inspect_model.js';
export { type LoadModelOptions, loadModel, loadTokenizer } from './load_model.js';
export type { Model, Runtime } from './model.js';
export type { FileBytes, ModelFiles } from './model_files.js';
export type { Source, SourceOptions } from './open_source.js';
export { embeddedModel } from './platform.js';
export type { Score, ScoreOptions } from './score/score.js';
export type { TextTokenizer } from './tokenizer/own_tokenizer.js';
export type { StreamDecoder } from './tokenizer/stream_decoder.js';
export type { EncodeOptions, Tokenizer } from './tokenizer/tokenizer.js';
export type { GgufFile, GgufWeights } from './weights/gguf/write.js';
export type { LoadProgress } from './weights/load.js';
export type { DownloadOptions, DownloadProgress, ModelSource, SourceFile } from './weights/source.js';
