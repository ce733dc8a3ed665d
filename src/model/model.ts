import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Build } from '../core/binary.js';
import type { ModelCore } from '../core/types.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import { apart } from '../generate/apart.js';
import type { Completion } from '../generate/completion.js';
import { loadedModels } from '../generate/loaded_models.js';
import { openStream } from '../generate/open_stream.js';
import type { GenerateOptions } from '../generate/options.js';
import type { AnyPrompt, PrefixedPrompt } from '../generate/prefixed_prompt.js';
import type { Prompt } from '../generate/prompt.js';
import { Sequence } from '../generate/sequence.js';
import { Session, type SessionSaver } from '../generate/session.js';
import { drained, type TokenStream } from '../generate/token_stream.js';
import type { ChooseOptions, Chosen } from '../score/choose.js';
import type { Loglikelihood, LoglikelihoodOptions } from '../score/loglikelihood.js';
import type { Score } from '../score/score.js';
import type { ScoreOptions } from '../score/score_options.js';
import { reasonWithoutText } from '../tokenizer/reason_without_text.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { AdapterChoice, AdapterOptions } from './adapters/adapter_choice.js';
import { BaseModel, call } from './base_model.js';
import type { EmbedOptions } from './embed.js';
import type { LogitsOptions } from './logits.js';
import { modelToJson } from './model_json.js';
import type { Trace, TraceOptions } from './trace/options.js';

/** How the model runs. */
export interface Runtime {
  /** The compilation of the core that runs. */
  readonly build: Build;
  /** How the matrices are kept. */
  readonly weights: WeightFormat;
  /** Threads that compute: 1 is the caller's own, more are workers. */
  readonly threads: number;
  /** Why that many. */
  readonly threadsReason: string;
  /** Bytes of WebAssembly memory: weights, activations and the KV caches so far. */
  readonly memoryBytes: number;
}

/** Present work of a model and of all models with adapters beside its weights. */
export interface ModelStats {
  /** Evaluations (a prompt, the next token of a text) that wait: for memory, or for one of the same session. */
  readonly waiting: number;
  /** Evaluations that are in progress. */
  readonly running: number;
  /** Pages of keys and values, for 128 positions each. */
  readonly pages: {
    /** In memory. */
    readonly total: number;
    /** Of texts that are evaluated, and of sessions. */
    readonly used: number;
    /** Of earlier texts, kept for those that begin in the same way. */
    readonly cached: number;
    /** The size of one. */
    readonly bytes: number;
  };
  /**
   * Tokens that were sampled or scored, for each second in which the model computed: of its latest 64 batches
   * together. 0 before the first one.
   */
  readonly tokensPerSecond: number;
}

/**
 * A loaded checkpoint. Every call after `dispose` throws `disposed`.
 *
 * Calls may be made at any time, in any number; those that run at the same time are evaluated together.
 */
export class Model extends BaseModel {
  readonly #core: ModelCore;
  /** The tokenizer, or a substitute that only handles ids if there is none. */
  readonly #textOrIds: Tokenizer;

  readonly #saver: SessionSaver = async (sequence, text) => call('save', this.#core, sequence, text);

  /** Use `loadModel`. `textOrIds`: the tokenizer, or `IdsOnly` if there is none. */
  constructor(core: ModelCore, textOrIds: Tokenizer) {
    super();
    this.#core = core;
    this.#textOrIds = textOrIds;
    loadedModels.set(this, { core, tokenizer: textOrIds });
  }

  /** The model's configuration. */
  get config(): ModelConfig {
    return this.#core.config;
  }

  /** How the model runs: build, weight format, threads, memory. */
  get runtime(): Runtime {
    const { build, weights, threads, memoryBytes } = this.#core;
    return { build, weights, threads: threads.count, threadsReason: threads.reason, memoryBytes };
  }

  /** Present work of the model: calls that wait and run, memory, speed. */
  stats(): ModelStats {
    const { waiting, running, pages, pageBytes, tokensPerSecond } = this.#core.stats;
    return { waiting, running, pages: { ...pages, bytes: pageBytes }, tokensPerSecond };
  }

  /**
   * The tokenizer: that of the checkpoint, or the one given to `loadModel`. One of your own has the calls
   * of `Tokenizer`, `tokenBytes` gives the UTF-8 of a token's text, and `files` throws `unsupported`.
   * Throws `not-found` if the checkpoint has none.
   */
  get tokenizer(): Tokenizer {
    const reason = reasonWithoutText(this.#textOrIds);
    if (reason) throw reason;
    return this.#textOrIds;
  }

  /**
   * Continues a prompt: text, token ids, or an object of vectors and text; see GenerateOptions. A model without a
   * tokenizer continues ids and gives an empty text. Throws `invalid-option`, `context-full`, `out-of-memory` and, for a text
   * without a tokenizer, `not-found`.
   */
  async generate(prompt: AnyPrompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  /**
   * As `generate`, but gives each token as it is sampled; the stream's `completion` has counts and times.
   * Prompt, names of options and common options are checked by this call, rarely used options (see
   * `GenerateOptions`) when the first token is asked for.
   */
  stream(prompt: AnyPrompt, options: GenerateOptions = {}): TokenStream {
    const sequence = new Sequence(this.#core, 'call');
    return openStream(sequence, this.#textOrIds, ...apart(prompt, options), async function* (tokens) {
      try {
        yield* tokens;
      } finally {
        sequence.release();
      }
    });
  }

  /** A text that grows, with a KV cache of its own: the next prompt reuses the evaluated tokens. */
  session(): Session {
    return new Session(this.#core, this.#textOrIds, this.#saver);
  }

  /**
   * The session that `session.save()` put into bytes. It continues with the same bits, and evaluates nothing
   * again while the model's memory has room. Throws `invalid-file` for bytes that were changed or cut off, and
   * for those of another model, build, format of weights or of keys and values, or choice of adapters.
   *
   * Accidents are noticed, but not forged bytes: take none from strangers. A restored session shares its keys
   * and values only with its forks.
   */
  async restore(bytes: ArrayBuffer | ArrayBufferView): Promise<Session> {
    const start = await call('restore', this.#core, bytes);
    return new Session(this.#core, this.#textOrIds, this.#saver, start);
  }

  /**
   * Logits after every token: T x V, row-major. `ids` are 1 to context length token ids. With P vectors before them
   * (an object, as for `generate`), those after each vector come first, and there may be no ids. With `from`, earlier
   * rows are left out, and take no time in the head.
   * For tests and research: V is large; `score` and `generate` keep no such array.
   */
  logits(ids: ArrayLike<number> | PrefixedPrompt, options?: LogitsOptions): Promise<Float32Array> {
    return call('logits', this.#core, this.#textOrIds, ids, options);
  }

  /**
   * The final hidden states of a text, which the model computes logits from (after the last layer norm), as a
   * vector for search, clustering and comparison: their mean [C], that of the last token [C], or with
   * `pooling: 'none'` all of them, T x C, row-major. No logits are computed. Several texts are evaluated
   * together. Throws `invalid-option`, `context-full` for a text that is longer than the context, `aborted`.
   */
  embed(text: AnyPrompt, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly AnyPrompt[], options?: EmbedOptions): Promise<Float32Array[]>;
  embed(
    input: AnyPrompt | readonly AnyPrompt[],
    options?: EmbedOptions,
  ): Promise<Float32Array | Float32Array[]> {
    return call('embed', this.#core, this.#textOrIds, input, options);
  }

  /**
   * How likely a text, or a list of token ids, is: log-probability, rank and entropy of each token, and their
   * sums. Several texts are evaluated together; an error says which one it is about. An empty text is scored as the
   * token that ends a text. After vectors (an object, as for `generate`) the first token is scored too, from the last
   * vector. Throws `invalid-option`, also for a single token without a start token; `context-full` for a text
   * that is longer than the context, unless `stride` is given; `aborted`.
   */
  score(text: AnyPrompt, options?: ScoreOptions): Promise<Score>;
  score(texts: readonly AnyPrompt[], options?: ScoreOptions): Promise<Score[]>;
  score(input: AnyPrompt | readonly AnyPrompt[], options?: ScoreOptions): Promise<Score | Score[]> {
    return call('score', this.#core, this.#textOrIds, input, options);
  }

  /**
   * How likely a continuation is after a context, by the rules of EleutherAI's harness (`loglikelihood`): of
   * the tokens of both, the last contextLength + 1 are used, and an empty context is the token that begins a
   * text. Texts are encoded as in `choose`; white space at the context's end counts to the continuation.
   *
   * Throws `invalid-option`; `context-full` for a continuation longer than the context; `aborted`.
   */
  loglikelihood(
    context: Prompt,
    continuation: Prompt,
    options?: LoglikelihoodOptions,
  ): Promise<Loglikelihood> {
    return call('loglikelihood', this.#core, this.#textOrIds, context, continuation, options);
  }

  /**
   * The choice that most likely follows a prompt, as EleutherAI's harness scores multiple choices. The prompt is
   * evaluated once, and all choices together. Nothing is sampled; to write one of them, see `GenerateOptions`.
   *
   * Choices are texts or lists of token ids, at least one. Of texts, the tokens are those that it has after the
   * prompt's when both are encoded together (where a token would cross the border, those of the choice alone);
   * white space at the prompt's end counts as the start of each choice: "Is it so? " and "Yes" give " Yes".
   *
   * Throws `invalid-option`; `context-full` for a choice that does not fit after the prompt; `aborted`.
   */
  choose(prompt: Prompt, choices: readonly Prompt[], options?: ChooseOptions): Promise<Chosen> {
    return call('choose', this.#core, this.#textOrIds, prompt, choices, options);
  }

  /**
   * The numbers inside the model while it reads a text, or token ids: residual stream, queries, keys, values,
   * attention, MLP; and the logits. Some can be changed on the way: see `Edit`. At most 1 GiB is read at once.
   *
   * Nothing is shared with other texts, and reading changes no bit of the logits. Throws `invalid-option`;
   * `context-full`; `out-of-memory`, with the bytes that would be read; `aborted`; `runtime` if changes are so large
   * that numbers overflow.
   */
  trace(text: Prompt, options?: TraceOptions): Promise<Trace> {
    return call('trace', this.#core, this.#textOrIds, text, options);
  }

  /**
   * This model with LoRA adapters in PEFT's format beside its weights, which are shared: adapters can be
   * set, swapped and left out by using one such model or another, also at the same time, each with its own
   * sessions. The new model has only the adapters that are listed, and not those of the model that it is
   * made from; adapters that `loadModel` merged stay. Its `dispose` gives back the adapters alone, that of
   * the loaded model ends all.
   *
   * Throws as `loadModel` does, and `unsupported` for adapters that can only be merged: all but low-rank sums of the
   * matrices of attention and MLP.
   */
  async withAdapters(adapters: readonly AdapterChoice[], options?: AdapterOptions): Promise<Model> {
    return new Model(await call('withAdapters', this.#core, adapters, options), this.#textOrIds);
  }

  /** Ends every session and every thread and gives the memory back. */
  dispose(): void {
    this.#core.dispose();
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'Model';
  }

  /** Plain data about the model, for consoles and `JSON.stringify`. */
  toJSON(): object {
    return modelToJson(this);
  }
}
