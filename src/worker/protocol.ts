import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error, type Gpt2ErrorCode } from '../base/errors.js';
import type { LoadProgress } from '../checkpoints/load_weights.js';
import type { FileContent } from '../files/model_files.js';
import type { DownloadProgress } from '../files/source.js';
import type { Completion, Token } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import type { PrefixedPrompt } from '../generate/prefixed_prompt.js';
import type { Prompt } from '../generate/prompt.js';
import type { Port, WorkerPort } from '../host/port.js';
import type { ThreadRequest } from '../host/threads.js';
import type { AdapterOptions } from '../model/adapters/adapter_choice.js';
import type { EmbedOptions } from '../model/embed.js';
import type { LoadModelOptions } from '../model/load_options.js';
import type { LogitsOptions } from '../model/logits.js';
import type { ModelStats, Runtime } from '../model/model.js';
import type { WorkProgress } from '../model/remote_models.js';
import type { Trace, TraceOptions } from '../model/trace/options.js';
import type { ChooseOptions, Chosen } from '../score/choose.js';
import type { Loglikelihood, LoglikelihoodOptions } from '../score/loglikelihood.js';
import type { Score } from '../score/score.js';
import type { ScoreOptions } from '../score/score_options.js';
import type {
  DecodeOptions,
  EncodeOptions,
  Tokenization,
  TokenizeOptions,
} from '../tokenizer/encode_options.js';

// The messages between the owner of a model and the worker that runs it. The owner gives numbers to models,
// sessions and streams. Number 0 is the model that was loaded; other models are that one with adapters beside
// it.

/**
 * A model's address, or its files. Bytes are transferred; blobs are cloned, which does not copy their
 * content.
 */
export type WireSource = string | ReadonlyMap<string, FileContent>;

/** An adapter and the factor of its change. */
export interface WireAdapter {
  readonly source: WireSource;
  readonly weight: number;
}

/** The options that can be sent: functions, signals and tokenizers cannot. */
export interface WireLoadOptions
  extends Omit<LoadModelOptions, 'signal' | 'onProgress' | 'onDownload' | 'tokenizer' | 'adapters'> {
  readonly adapters?: readonly WireAdapter[];
  /** Whether the owner creates the threads of the model. */
  readonly lendsThreads: boolean;
}
export type WireAdapterOptions = Omit<AdapterOptions, 'signal'>;
export type WireGenerateOptions = Omit<GenerateOptions, 'signal'>;
export type WireEmbedOptions = Omit<EmbedOptions, 'signal'>;
export type WireScoreOptions = Omit<ScoreOptions, 'signal'>;
export type WireChooseOptions = Omit<ChooseOptions, 'signal'>;
export type WireTraceOptions = Omit<TraceOptions, 'signal'>;
export type WireLoglikelihoodOptions = Omit<LoglikelihoodOptions, 'signal'>;

/** A text, or checked token ids. */
export type WireText = string | readonly number[];
/** A text, or vectors and a text. */
export type WirePrompt = WireText | PrefixedPrompt;

/** The owner of a generation: a session, or a model if it is a single call. */
export type StreamPlace = { readonly session: number } | { readonly model: number };

/** A token, or at the end the completion. */
export type Step = { readonly token: Token } | { readonly completion: Completion };

/** The calls that a worker answers, each when it ends. */
export interface Calls {
  load(source: WireSource, options: WireLoadOptions): ModelConfig;
  /** Creates `model`: the one that was loaded, with adapters. */
  adapt(model: number, adapters: readonly WireAdapter[], options: WireAdapterOptions): void;
  /** Disposes of a model; also cancels a model that is still being created. */
  endModel(model: number): void;
  /** `work` is the number for `cancel`. */
  score(
    work: number,
    model: number,
    input: WirePrompt | readonly WirePrompt[],
    options: WireScoreOptions,
  ): Score | Score[];
  /** Aborts the signal of a running call. */
  cancel(work: number): void;
  /** `work` as for `score`. */
  embed(
    work: number,
    model: number,
    input: WirePrompt | readonly WirePrompt[],
    options: WireEmbedOptions,
  ): Float32Array | Float32Array[];
  /** `work` as for `score`. */
  choose(
    work: number,
    model: number,
    prompt: WireText,
    choices: readonly WireText[],
    options: WireChooseOptions,
  ): Chosen;
  /** `work` as for `score`. */
  loglikelihood(
    work: number,
    model: number,
    context: Prompt,
    continuation: Prompt,
    options: WireLoglikelihoodOptions,
  ): Loglikelihood;
  /** Runs an operation of `examine/operations.ts`, which reports its progress. `work` as for `score`. */
  operate(work: number, model: number, name: string, args: object): unknown;
  /** `work` as for `score`. */
  trace(work: number, model: number, text: WireText, options: WireTraceOptions): Trace;
  /** Runs a call of `VisionCalls`. `work` as for `score`. */
  vision(work: number, name: string, args: readonly unknown[]): unknown;
  logits(model: number, ids: WirePrompt, options: LogitsOptions): Float32Array;
  stats(model: number): ModelStats;
  encode(text: string, options: EncodeOptions): number[];
  decode(ids: readonly number[], options: DecodeOptions): string;
  tokenize(text: string, options: TokenizeOptions): Tokenization;
  session(session: number, model: number): void;
  /** Creates `session` from the bytes of a saved one. */
  restore(session: number, model: number, bytes: ArrayBuffer | ArrayBufferView): void;
  save(session: number): Uint8Array;
  fork(session: number, fork: number): void;
  rewind(session: number, length: number): void;
  append(session: number, text: WireText, options: EncodeOptions): void;
  tokens(session: number): number[];
  endSession(session: number): void;
  stream(
    stream: number,
    place: StreamPlace,
    prompt: WirePrompt | undefined,
    options: WireGenerateOptions,
  ): void;
  /** Computes the next token. Nothing is computed before it is asked for. */
  next(stream: number): Step;
  /** Aborts the signal of a stream, which then ends. */
  abort(stream: number): void;
  /** Ends a stream early. */
  endStream(stream: number): Completion;
}

export type CallName = keyof Calls;

export interface CallMessage<K extends CallName = CallName> {
  readonly id: number;
  readonly call: K;
  readonly args: Parameters<Calls[K]>;
}

/** An error as it is sent; it has no code unless it is a Gpt2Error. */
export interface WireError {
  readonly code?: Gpt2ErrorCode;
  readonly message: string;
}

export function toWire(error: unknown): WireError {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof Gpt2Error ? { code: error.code, message } : { message };
}

export function fromWire({ code, message }: WireError): Error {
  return code === undefined ? new Error(message) : new Gpt2Error(code, message);
}

export type ReplyMessage =
  | { readonly id: number; readonly value: unknown; readonly runtime: Runtime | undefined }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly progress: LoadProgress | WorkProgress }
  | { readonly id: number; readonly download: DownloadProgress }
  | { readonly thread: ThreadRequest };

/** Fields of all replies, of which a message has some. */
export interface AnyReply {
  readonly id?: number;
  readonly value?: unknown;
  readonly runtime?: Runtime | undefined;
  readonly error?: WireError;
  readonly progress?: LoadProgress | WorkProgress;
  readonly download?: DownloadProgress;
  readonly thread?: ThreadRequest;
}

export type OwnerPort = WorkerPort<CallMessage, ReplyMessage>;
export type ServerPort = Port<ReplyMessage, CallMessage>;
