import './base/globals.js';

export type { Activation, ModelConfig } from './architecture/gpt2/config.js';
export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export type { GgufFile, GgufWeights } from './checkpoints/gguf/write.js';
export type { LoadProgress } from './checkpoints/load_weights.js';
export type { SoftPrompt } from './checkpoints/peft/soft_prompt.js';
export type { Build } from './core/binary.js';
export type { Edit } from './core/hooks/edit.js';
export { estimateMemory, type MemoryEstimate } from './core/layout.js';
export type { KvFormat } from './dtypes/kv_formats.js';
export type { WeightFormat } from './dtypes/weight_formats.js';
export { type CachedFile, cachedFiles, deleteCachedFiles } from './files/http/cached_files.js';
export type { FileBytes, ModelFiles } from './files/model_files.js';
export { embeddedModel } from './files/platform.js';
export type { DownloadOptions, DownloadProgress, ModelSource, SourceFile } from './files/source.js';
export type { Source, SourceOptions } from './files/source_options.js';
export type { BannedTexts } from './generate/banned_texts/banned_texts.js';
export { compileFormat } from './generate/compile_format.js';
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
export type {
  ChoicesFormat,
  CompiledFormat,
  Format,
  FormatDefinition,
  GrammarFormat,
  JsonSchemaFormat,
  RegexFormat,
} from './generate/constraints/format.js';
export type { EncoderMemory, StatesMask } from './generate/encoder_memory.js';
export type {
  ClassifierModel,
  Filter,
  FilterAction,
  FilterContext,
  Filtered,
  FilterFunction,
  FilterItem,
  FilterRule,
  FilterVerdict,
  HeadClassifier,
  PersonalDataKind,
  PromptClassifier,
  ReplacedSentence,
  ScoredLabel,
} from './generate/filter/filter.js';
export type { PromptInputs } from './generate/inputs.js';
export type {
  BiasedSequence,
  DraftModel,
  Expert,
  GenerateOptions,
  LengthDecay,
  SamplerName,
  SelfDebiasing,
} from './generate/options.js';
export type { AnyPrompt, PrefixedPrompt } from './generate/prefixed_prompt.js';
export type { LogitsContext, LogitsProcessor } from './generate/processors/logits_processor.js';
export type { Prompt } from './generate/prompt.js';
export type { Session } from './generate/session.js';
export type { TokenStream } from './generate/token_stream.js';
export type {
  KgwWatermark,
  SynthIdWatermark,
  UnigramWatermark,
  Watermark,
} from './generate/watermark/watermark.js';
export type { AdapterChoice, AdapterOptions, WeightedSource } from './model/adapters/adapter_choice.js';
export type { BaseModel } from './model/base_model.js';
export { convertModel } from './model/convert_model.js';
export type { ConvertOptions } from './model/convert_options.js';
export type { EmbedOptions } from './model/embed.js';
export type {
  Answer,
  AnswerOptions,
  Classification,
  ClassifyOptions,
  LabelScore,
  MultipleChoice,
  MultipleChoiceOptions,
  PromptAndAnswer,
  RewardOptions,
  TaggedSpan,
  TaggedToken,
  Tagging,
  TagOptions,
  TextPair,
} from './model/heads/types.js';
export { inspectModel } from './model/inspect_model.js';
export { loadModel, loadTokenizer } from './model/load_model.js';
export type { LoadModelOptions } from './model/load_options.js';
export { loadMapper, loadSoftPrompt } from './model/load_prefixes.js';
export type { LogitsOptions } from './model/logits.js';
export type { Model, ModelStats, Runtime } from './model/model.js';
export type { HeadInfo, InspectOptions, ModelInfo } from './model/model_info.js';
export type { MapOptions, Mapper, MapperOptions } from './model/prefixes/mapper.js';
export type { PrefixOptions, SizedModel } from './model/prefixes/options.js';
export type { Trace, TracedLogits, TracedNumbers, TraceOptions } from './model/trace/options.js';
export type { ChooseOptions, Chosen } from './score/choose.js';
export type { Loglikelihood, LoglikelihoodOptions } from './score/loglikelihood.js';
export type { Score, TopTokens } from './score/score.js';
export type { ScoreOptions } from './score/score_options.js';
export type {
  DecodeOptions,
  EncodeOptions,
  StreamDecoderOptions,
  Tokenization,
  TokenizeOptions,
} from './tokenizer/encode_options.js';
export type { TextTokenizer } from './tokenizer/own_tokenizer.js';
export type { StreamDecoder } from './tokenizer/stream_decoder.js';
export type { Tokenizer } from './tokenizer/tokenizer.js';
