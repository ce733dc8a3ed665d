import { Gpt2Error } from '../base/errors.js';
import { openFiles } from '../files/open_source.js';
import type { Source } from '../files/source_options.js';
import type { Prompt } from '../generate/prompt.js';
import type { Session } from '../generate/session.js';
import type { TokenStream } from '../generate/token_stream.js';
import { borrowThreads } from '../host/platform.js';
import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import { loadModel } from '../model/load_model.js';
import type { Model } from '../model/model.js';
import {
  type CallMessage,
  type CallName,
  type Calls,
  type ServerPort,
  toWire,
  type WireAdapter,
  type WireSource,
} from './protocol.js';

/** What answers each call. */
type Handlers = {
  [K in CallName]: (...args: Parameters<Calls[K]>) => ReturnType<Calls[K]> | Promise<ReturnType<Calls[K]>>;
};

/** Loads and runs one model, alone and with adapters, for the owner at the other end of the port. */
export function serveModel(port: ServerPort): void {
  const models = new Map<number, Model>();
  /** Of calls that can be cancelled: models that are being made, and scores. */
  const working = new Map<number, AbortController>();
  /** Each with the reason where it could not be made. */
  const sessions = new Map<number, Session | Error>();
  const streams = new Map<number, { stream: TokenStream; controller: AbortController }>();

  const model = (id: number): Model => {
    const found = models.get(id);
    if (found === undefined) throw new Gpt2Error('disposed', 'this model was disposed; make it again');
    return found;
  };
  const session = (id: number): Session => {
    const found = sessions.get(id);
    if (found === undefined) throw new Gpt2Error('disposed', 'this session was disposed');
    if (found instanceof Error) throw found;
    return found;
  };
  const makeSession = (id: number, make: () => Session): void => {
    try {
      sessions.set(id, make());
    } catch (error) {
      sessions.set(id, error as Error);
    }
  };
  const stream = (id: number) => {
    const found = streams.get(id);
    if (found === undefined) throw new Gpt2Error('disposed', 'this stream is over');
    return found;
  };

  const cancellable = async <R>(work: number, call: (signal: AbortSignal) => Promise<R>): Promise<R> => {
    const controller = new AbortController();
    working.set(work, controller);
    try {
      return await call(controller.signal);
    } finally {
      working.delete(work);
    }
  };

  const handlers = (id: number): Handlers => ({
    async load(source, options) {
      const { adapters, lendsThreads, ...rest } = options;
      if (lendsThreads) borrowThreads?.((thread, transfer) => port.send({ thread }, transfer));
      const loaded = await loadModel(await readable(source), {
        ...rest,
        ...(adapters && { adapters: await choices(adapters) }),
        onProgress: (progress) => port.send({ id, progress }),
        onDownload: (download) => port.send({ id, download }),
      });
      models.set(0, loaded);
      return loaded.config;
    },
    async adapt(id, adapters, options) {
      await cancellable(id, async (signal) => {
        models.set(id, await model(0).withAdapters(await choices(adapters), { ...options, signal }));
      });
    },
    endModel(id) {
      working.get(id)?.abort();
      models.get(id)?.dispose();
      models.delete(id);
    },
    score: (work, id, input, options) =>
      cancellable(work, (signal) => model(id).score(input as Prompt, { ...options, signal })),
    cancel: (work) => working.get(work)?.abort(),
    logits: (id, ids) => model(id).logits(ids),
    encode: (text, options) => model(0).tokenizer.encode(text, options),
    decode: (ids) => model(0).tokenizer.decode(ids),
    session: (id, modelId) => makeSession(id, () => model(modelId).session()),
    fork: (id, fork) => makeSession(fork, () => session(id).fork()),
    rewind: (id, length) => session(id).rewind(length),
    append: (id, text, options) => session(id).append(text, options),
    tokens: (id) => session(id).tokens,
    endSession(id) {
      const found = sessions.get(id);
      if (!(found instanceof Error)) found?.dispose();
      sessions.delete(id);
    },
    stream(id, place, prompt, options) {
      const controller = new AbortController();
      const owner = 'model' in place ? model(place.model) : session(place.session);
      streams.set(id, {
        stream: owner.stream(prompt as Prompt, { ...options, signal: controller.signal }),
        controller,
      });
    },
    async next(id) {
      const { stream: tokens } = stream(id);
      try {
        const { done, value } = await tokens.next();
        if (!done) return { token: value };
      } catch (error) {
        streams.delete(id);
        throw error;
      }
      streams.delete(id);
      return { completion: await tokens.completion };
    },
    abort: (id) => streams.get(id)?.controller.abort(),
    async endStream(id) {
      const { stream: tokens } = stream(id);
      streams.delete(id);
      await tokens.return();
      return tokens.completion;
    },
  });

  port.listen(async (message) => {
    const { id } = message;
    try {
      const value = await answer(handlers(id), message);
      const transfer = value instanceof Float32Array ? [value.buffer as ArrayBuffer] : [];
      port.send({ id, value, runtime: models.get(0)?.runtime }, transfer);
    } catch (error) {
      port.send({ id, error: toWire(error) });
    }
  });
}

function answer<K extends CallName>(handlers: Handlers, { call, args }: CallMessage<K>) {
  return handlers[call](...args);
}

const readable = async (source: WireSource): Promise<Source> =>
  typeof source === 'string' ? source : openFiles(source);

const choices = (adapters: readonly WireAdapter[]): Promise<AdapterChoice[]> =>
  Promise.all(adapters.map(async ({ source, weight }) => ({ source: await readable(source), weight })));
