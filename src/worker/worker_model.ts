import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkOptionNames } from '../base/check_options.js';
import { modelDisposed } from '../base/errors.js';
import { cancelOnCollected, onCollected } from '../base/finalization.js';
import { idList } from '../base/id_list.js';
import type { ModelFiles } from '../files/model_files.js';
import type { Completion } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import type { AnyPrompt, PrefixedPrompt } from '../generate/prefixed_prompt.js';
import type { Prompt } from '../generate/prompt.js';
import { drained, type TokenStream } from '../generate/token_stream.js';
import { threadLender } from '../host/workers/platform.js';
import type { AdapterChoice, AdapterOptions } from '../model/adapters/adapter_choice.js';
import { BaseModel } from '../model/base_model.js';
import type { EmbedOptions } from '../model/embed.js';
import { LOAD_OPTION_NAMES, type LoadModelOptions } from '../model/load_options.js';
import type { LogitsOptions } from '../model/logits.js';
import type { ModelStats, Runtime } from '../model/model.js';
import { modelToJson } from '../model/model_json.js';
import { remoteModels } from '../model/remote_models.js';
import type { Trace, TraceOptions } from '../model/trace/options.js';
import type { ChooseOptions, Chosen } from '../score/choose.js';
import type { Loglikelihood, LoglikelihoodOptions } from '../score/loglikelihood.js';
import type { Score } from '../score/score.js';
import type { ScoreOptions } from '../score/score_options.js';
import { isTexts } from '../score/texts.js';
import type {
  DecodeOptions,
  EncodeOptions,
  Tokenization,
  TokenizeOptions,
} from '../tokenizer/encode_options.js';
import { cancellable } from './cancellable.js';
import type { Connection } from './connection.js';
import { inNewWorker } from './new_worker.js';
import type { Calls, WireAdapter, WireLoadOptions } from './protocol.js';
import { buffersOf, sourcesOf, wireSource } from './wire_source.js';
import { streamInWorker, WorkerSession, wirePrompt } from './worker_session.js';

/** As in `loadModel`, except that neither a tokenizer nor a source object can be passed. */
export interface WorkerModelOptions extends Omit<LoadModelOptions, 'tokenizer'> {
  /**
   * The worker to run in, instead of the package's own: one whose script imports `gpt2-wasm/model-worker`,
   * for bundlers that do not find `new Worker(new URL(...))`, and for pages whose scripts come from another
   * site.
   */
  readonly worker?: Worker;
}

/**
 * Loads a model in a separate worker, so that it never delays the caller. Sources as in `loadModel`; array
 * buffers are moved to the worker, not copied, and are empty here afterwards; files and blobs stay as they
 * are.
 *
 * Throws as `loadModel` does, and `runtime` if no worker starts. The worker ends with `dispose`.
 */
export async function createWorkerModel(
  source: string | URL | ModelFiles,
  options: WorkerModelOptions = {},
): Promise<WorkerModel> {
  checkOptionNames('createWorkerModel', options, [...LOAD_OPTION_NAMES, 'worker']);
  const { worker, signal, onProgress, onDownload, adapters, ...rest } = options;
  return inNewWorker(worker, signal, async (connection) => {
    const wire = await wireSource(source);
    const wireOptions: WireLoadOptions = {
      ...rest,
      ...(adapters && { adapters: await onTheWire(adapters) }),
      lendsThreads: threadLender !== undefined,
    };
    const config = await connection.call(
      'load',
      [wire, wireOptions],
      buffersOf(wire, ...sourcesOf(wireOptions.adapters)),
      { onProgress, onDownload },
    );
    return new WorkerModel(connection, config);
  });
}

/** A model that runs in a worker: the calls of `Model`. Every call after `dispose` throws `disposed`. */
export class WorkerModel extends BaseModel {
  /** The model's configuration. */
  readonly config: ModelConfig;
  /** The model's tokenizer, in the worker. */
  readonly tokenizer: {
    /** As `Tokenizer.encode`. */
    encode(text: string, options?: EncodeOptions): Promise<number[]>;
    /** As `Tokenizer.decode`. */
    decode(ids: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
    /** As `Tokenizer.tokenize`. */
    tokenize(text: string, options?: TokenizeOptions): Promise<Tokenization>;
  };
  readonly #connection: Connection;
  /** Its number in the worker: 0 for the model that was loaded. */
  readonly #number: number;

  /** Use `createWorkerModel`. */
  constructor(connection: Connection, config: ModelConfig, number = 0) {
    super();
    this.#connection = connection;
    this.#number = number;
    this.config = config;
    // Without the model itself in the function, so that a model that is forgotten is collected at once.
    remoteModels.set(this, (name, args, { signal, onProgress }) =>
      cancellable(connection, { signal }, name, (work) =>
        connection.call('operate', [work, number, name, args], [], { onProgress }),
      ),
    );
    if (number !== 0) onCollected(this, () => connection.notify('endModel', [number]));
    this.tokenizer = {
      encode: (text, options = {}) => connection.call('encode', [text, options]),
      decode: async (ids, options = {}) =>
        connection.call('decode', [idList(ids, 'what decode takes', 'an array of token ids'), options]),
      tokenize: (text, options = {}) => connection.call('tokenize', [text, options]),
    };
  }

  /** How the model runs; `memoryBytes` is that of the latest answer of the worker. */
  get runtime(): Runtime {
    this.#connection.assertOpen();
    return this.#connection.runtime!;
  }

  /** As `Model.stats`. */
  stats(): Promise<ModelStats> {
    return this.#connection.call('stats', [this.#number]);
  }

  /** As `Model.generate`. */
  async generate(prompt: AnyPrompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  /** As `Model.stream`. Tokens are computed as they are asked for; leaving the loop ends the work. */
  stream(prompt: AnyPrompt, options: GenerateOptions = {}): TokenStream {
    return streamInWorker(this.#connection, this.config, {
      place: { model: this.#number },
      ...{ prompt, options, owner: this },
    });
  }

  /** As `Model.session`: a text that grows, with a KV cache in the worker. */
  session(): WorkerSession {
    this.#connection.assertOpen();
    const number = this.#connection.newNumber();
    this.#connection.notify('session', [number, this.#number]);
    return new WorkerSession(this.#connection, this.config, number, this);
  }

  /** As `Model.restore`. The bytes are copied to the worker. */
  async restore(bytes: ArrayBuffer | ArrayBufferView): Promise<WorkerSession> {
    const number = this.#connection.newNumber();
    await this.#connection.call('restore', [number, this.#number, bytes]);
    return new WorkerSession(this.#connection, this.config, number, this);
  }

  /** As `Model.score`. */
  score(text: AnyPrompt, options?: ScoreOptions): Promise<Score>;
  score(texts: readonly AnyPrompt[], options?: ScoreOptions): Promise<Score[]>;
  async score(input: AnyPrompt | readonly AnyPrompt[], given: ScoreOptions = {}): Promise<Score | Score[]> {
    return this.#ask('score', input, given, 'scoring');
  }

  /** As `Model.embed`. */
  embed(text: AnyPrompt, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly AnyPrompt[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(
    input: AnyPrompt | readonly AnyPrompt[],
    options: EmbedOptions = {},
  ): Promise<Float32Array | Float32Array[]> {
    return this.#ask('embed', input, options, 'embedding');
  }

  /** As `Model.choose`. */
  async choose(prompt: Prompt, choices: readonly Prompt[], given: ChooseOptions = {}): Promise<Chosen> {
    const { checkedChoices } = await import('../score/choice_tokens.js');
    return cancellable(this.#connection, given, 'choosing', (work, options) => {
      const wire = wirePrompt(prompt, this.config);
      const copies = checkedChoices(choices, this.config);
      return this.#connection.call('choose', [work, this.#number, wire, copies, options]);
    });
  }

  /** As `Model.loglikelihood`. */
  async loglikelihood(
    context: Prompt,
    continuation: Prompt,
    given: LoglikelihoodOptions = {},
  ): Promise<Loglikelihood> {
    return cancellable(this.#connection, given, 'scoring', (work, options) => {
      const before = wirePrompt(context, this.config, true);
      const after = wirePrompt(continuation, this.config, true);
      return this.#connection.call('loglikelihood', [work, this.#number, before, after, options]);
    });
  }

  /** As `Model.trace`. */
  async trace(text: Prompt, given: TraceOptions = {}): Promise<Trace> {
    return cancellable(this.#connection, given, 'tracing', (work, options) =>
      this.#connection.call('trace', [work, this.#number, wirePrompt(text, this.config), options]),
    );
  }

  /** As `Model.logits`. The array is moved here from the worker. */
  async logits(ids: ArrayLike<number> | PrefixedPrompt, options: LogitsOptions = {}): Promise<Float32Array> {
    const mayBeEmpty = options?.inputs !== undefined;
    const wire = wirePrompt(ids, this.config, mayBeEmpty);
    return this.#connection.call('logits', [this.#number, wire, options]);
  }

  /** As `Model.withAdapters`, in the same worker. Array buffers are moved there. */
  async withAdapters(adapters: readonly AdapterChoice[], options: AdapterOptions = {}): Promise<WorkerModel> {
    const { adaptInWorker } = await import('./wire_adapters.js');
    const number = await adaptInWorker(this.#connection, adapters, options);
    return new WorkerModel(this.#connection, this.config, number);
  }

  /**
   * Ends the worker, with whatever it is doing, and gives the memory back. Of a model that `withAdapters`
   * made, it gives back the adapters alone.
   */
  dispose(): void {
    if (this.#number !== 0) {
      cancelOnCollected(this);
      this.#connection.notify('endModel', [this.#number]);
      return;
    }
    this.#connection.stop(modelDisposed());
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'WorkerModel';
  }

  /** Plain data about the model, for consoles and `JSON.stringify`. */
  toJSON(): object {
    return modelToJson(this);
  }

  /** Sends a call about texts. `what` names the work. */
  #ask<K extends 'score' | 'embed'>(
    call: K,
    input: AnyPrompt | readonly AnyPrompt[],
    given: Parameters<Calls[K]>[3] & { readonly signal?: AbortSignal | undefined },
    what: string,
  ): Promise<ReturnType<Calls[K]>> {
    return cancellable(this.#connection, given, what, (work, options) => {
      const mayBeEmpty = 'inputs' in options;
      const wire = (prompt: AnyPrompt) => wirePrompt(prompt, this.config, mayBeEmpty);
      const prompts = isTexts(input) ? input.map(wire) : wire(input);
      return this.#connection.call(call, [work, this.#number, prompts, options] as Parameters<Calls[K]>);
    });
  }
}

/** Adapters as they are sent. What does it is loaded on demand, since few models have adapters. */
async function onTheWire(adapters: readonly AdapterChoice[]): Promise<WireAdapter[]> {
  const { wireAdapters } = await import('./wire_adapters.js');
  return wireAdapters(adapters);
}
