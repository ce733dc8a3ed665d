import { Gpt2Error } from '../base/errors.js';
import type { Completion } from '../generate/completion.js';
import type { Prompt } from '../generate/prompt.js';
import type { Session } from '../generate/session.js';
import type { TokenStream } from '../generate/token_stream.js';
import { borrowThreads } from '../host/platform.js';
import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import { loadModel } from '../model/load_model.js';
import type { Model, Runtime } from '../model/model.js';
import type { WorkProgress } from '../model/remote_models.js';
import type {
  CallName,
  Calls,
  ServerPort,
  StreamPlace,
  WireAdapter,
  WireAdapterOptions,
  WireGenerateOptions,
  WireLoadOptions,
  WirePrompt,
  WireScoreOptions,
  WireSource,
} from './protocol.js';
import { readable } from './readable_source.js';
import type { ServedStream } from './served_stream.js';
import type { VisionServer } from './vision_server.js';

/** One method for each call, with the arguments of the call and then the id of its message. */
export type CallHandlers = {
  [K in CallName]: (
    ...args: [...Parameters<Calls[K]>, id: number]
  ) => ReturnType<Calls[K]> | Promise<ReturnType<Calls[K]>>;
};

/** The number of the model that was loaded; others are that model with adapters. */
const LOADED = 0;

/** Answers the calls of a model's owner: one method for each call. */
export class ModelServer implements CallHandlers {
  readonly #port: ServerPort;
  // All by the numbers that the owner gave them.
  readonly #models = new Map<number, Model>();
  /** Sessions, or the errors of those that could not be created. */
  readonly #sessions = new Map<number, Session | Error>();
  readonly #streams = new Map<number, ServedStream>();
  /** Answers the calls of a captioner, if one runs in place of a model. */
  #vision: VisionServer | undefined;
  /** Calls under way that can be cancelled: scores, embeddings, and models with adapters that are being created. */
  readonly #cancellable = new Map<number, AbortController>();

  constructor(port: ServerPort) {
    this.#port = port;
  }

  /** How the model runs; undefined until it is loaded. */
  get runtime(): Runtime | undefined {
    return (this.#models.get(LOADED) ?? this.#vision?.captioner)?.runtime;
  }

  async load(source: WireSource, options: WireLoadOptions, id: number) {
    const { adapters, lendsThreads, ...rest } = options;
    if (lendsThreads) borrowThreads?.((thread, transfer) => this.#port.send({ thread }, transfer));
    const loaded = await loadModel(await readable(source), {
      ...rest,
      ...(adapters && { adapters: await adapterChoices(adapters) }),
      onProgress: (progress) => this.#port.send({ id, progress }),
      onDownload: (download) => this.#port.send({ id, download }),
    });
    this.#models.set(LOADED, loaded);
    return loaded.config;
  }

  async adapt(model: number, adapters: readonly WireAdapter[], options: WireAdapterOptions) {
    await this.#run(model, async (signal) => {
      const choices = await adapterChoices(adapters);
      const adapted = await this.#model(LOADED).withAdapters(choices, { ...options, signal });
      this.#models.set(model, adapted);
    });
  }

  endModel(model: number) {
    this.cancel(model);
    this.#models.get(model)?.dispose();
    this.#models.delete(model);
  }

  score(work: number, model: number, input: WirePrompt | readonly WirePrompt[], options: WireScoreOptions) {
    return this.#run(work, (signal) => this.#model(model).score(input as Prompt, { ...options, signal }));
  }

  cancel(work: number) {
    this.#cancellable.get(work)?.abort();
  }

  embed(...[work, model, input, options]: Parameters<Calls['embed']>) {
    return this.#run(work, (signal) => this.#model(model).embed(input as Prompt, { ...options, signal }));
  }

  choose(...[work, model, prompt, choices, options]: Parameters<Calls['choose']>) {
    return this.#run(work, (signal) => this.#model(model).choose(prompt, choices, { ...options, signal }));
  }

  loglikelihood(...[work, model, context, continuation, options]: Parameters<Calls['loglikelihood']>) {
    return this.#run(work, (signal) =>
      this.#model(model).loglikelihood(context, continuation, { ...options, signal }),
    );
  }

  operate(...[work, model, name, args, id]: [...Parameters<Calls['operate']>, id: number]) {
    return this.#run(work, async (signal) => {
      const { operationOf } = await import('../examine/operations.js');
      const onProgress = (progress: WorkProgress) => this.#port.send({ id, progress });
      return (await operationOf(name))(this.#model(model), args, { signal, onProgress });
    });
  }

  trace(...[work, model, text, options]: Parameters<Calls['trace']>) {
    return this.#run(work, (signal) => this.#model(model).trace(text, { ...options, signal }));
  }

  vision(...[work, name, args, id]: [...Parameters<Calls['vision']>, id: number]) {
    return this.#run(work, async (signal) => {
      if (this.#vision === undefined) {
        const { VisionServer } = await import('./vision_server.js');
        this.#vision = new VisionServer(this.#port, this.#streams);
      }
      return this.#vision.answer(name, args, id, signal);
    });
  }

  logits(...[model, ids, options]: Parameters<Calls['logits']>) {
    return this.#model(model).logits(ids as Parameters<Model['logits']>[0], options);
  }

  stats(model: number) {
    return this.#model(model).stats();
  }

  encode(...[text, options]: Parameters<Calls['encode']>) {
    return this.#model(LOADED).tokenizer.encode(text, options);
  }

  decode(...[ids, options]: Parameters<Calls['decode']>) {
    return this.#model(LOADED).tokenizer.decode(ids, options);
  }

  tokenize(...[text, options]: Parameters<Calls['tokenize']>) {
    return this.#model(LOADED).tokenizer.tokenize(text, options);
  }

  session(session: number, model: number) {
    this.#createSession(session, () => this.#model(model).session());
  }

  async restore(session: number, model: number, bytes: ArrayBuffer | ArrayBufferView) {
    this.#sessions.set(session, await this.#model(model).restore(bytes));
  }

  save(session: number) {
    return this.#session(session).save();
  }

  fork(session: number, fork: number) {
    this.#createSession(fork, () => this.#session(session).fork());
  }

  rewind(session: number, length: number) {
    this.#session(session).rewind(length);
  }

  append(...[session, text, options]: Parameters<Calls['append']>) {
    this.#session(session).append(text, options);
  }

  tokens(session: number) {
    return this.#session(session).tokens;
  }

  endSession(session: number) {
    const ended = this.#sessions.get(session);
    if (!(ended instanceof Error)) ended?.dispose();
    this.#sessions.delete(session);
  }

  stream(number: number, place: StreamPlace, prompt: WirePrompt | undefined, options: WireGenerateOptions) {
    const controller = new AbortController();
    const owner = 'model' in place ? this.#model(place.model) : this.#session(place.session);
    const stream = owner.stream(prompt as Prompt, { ...options, signal: controller.signal });
    this.#streams.set(number, { stream, controller });
  }

  async next(number: number) {
    const stream = this.#stream(number);
    try {
      const { done, value } = await stream.next();
      if (!done) return { token: value };
    } catch (error) {
      this.#streams.delete(number);
      throw error;
    }
    this.#streams.delete(number);
    return { completion: await stream.completion };
  }

  abort(stream: number) {
    this.#streams.get(stream)?.controller.abort();
  }

  async endStream(number: number): Promise<Completion> {
    const stream = this.#stream(number);
    this.#streams.delete(number);
    await stream.return();
    return stream.completion;
  }

  /** Does work that `cancel` can abort by its number. */
  async #run<R>(work: number, call: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const controller = new AbortController();
    this.#cancellable.set(work, controller);
    try {
      return await call(controller.signal);
    } finally {
      this.#cancellable.delete(work);
    }
  }

  /**
   * The owner does not wait for a new session, so that the error of creating it is thrown by its first use.
   */
  #createSession(number: number, create: () => Session): void {
    try {
      this.#sessions.set(number, create());
    } catch (error) {
      this.#sessions.set(number, error as Error);
    }
  }

  #model(number: number): Model {
    return existing(this.#models.get(number), 'this model was disposed; make it again');
  }

  #stream(number: number): TokenStream {
    return existing(this.#streams.get(number), 'this stream is over').stream;
  }

  #session(number: number): Session {
    const session = existing(this.#sessions.get(number), 'this session was disposed');
    if (session instanceof Error) throw session;
    return session;
  }
}

/** Throws `disposed` if there is no such object. */
function existing<T>(item: T | undefined, message: string): T {
  if (item === undefined) throw new Gpt2Error('disposed', message);
  return item;
}

const adapterChoices = (adapters: readonly WireAdapter[]): Promise<AdapterChoice[]> =>
  Promise.all(adapters.map(async ({ source, weight }) => ({ source: await readable(source), weight })));
