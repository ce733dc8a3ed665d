import { blobSource } from '../blob_source.js';
import { Gpt2Error } from '../errors.js';
import type { Session } from '../generate/session.js';
import type { TokenStream } from '../generate/token_stream.js';
import { loadModel } from '../load_model.js';
import type { Model } from '../model.js';
import { type CallMessage, type CallName, type Calls, toWire, type WorkerLine } from './protocol.js';

/** What answers each call. */
type Handlers = {
  [K in CallName]: (...args: Parameters<Calls[K]>) => ReturnType<Calls[K]> | Promise<ReturnType<Calls[K]>>;
};

/** Loads and runs one model for the owner at the other end of the line. */
export function serveModel(line: WorkerLine): void {
  let model: Model | undefined;
  const sessions = new Map<number, Session>();
  const streams = new Map<number, { stream: TokenStream; controller: AbortController }>();

  const loaded = (): Model => {
    if (model === undefined) throw new Gpt2Error('disposed', 'the worker has no model; load it first');
    return model;
  };
  const session = (id: number): Session => {
    const found = sessions.get(id);
    if (found === undefined) throw new Gpt2Error('disposed', 'this session was disposed');
    return found;
  };
  const stream = (id: number) => {
    const found = streams.get(id);
    if (found === undefined) throw new Gpt2Error('disposed', 'this stream is over');
    return found;
  };

  const handlers = (id: number): Handlers => ({
    async load(source, options) {
      model = await loadModel(typeof source === 'string' ? source : blobSource(source), {
        ...options,
        onProgress: (progress) => line.send({ id, progress }),
        onDownload: (download) => line.send({ id, download }),
      });
      return model.config;
    },
    score: (prompt) => loaded().score(prompt),
    logits: (ids) => loaded().logits(ids),
    encode: (text, options) => loaded().tokenizer.encode(text, options),
    decode: (ids) => loaded().tokenizer.decode(ids),
    session: (id) => void sessions.set(id, loaded().session()),
    fork: (id, fork) => void sessions.set(fork, session(id).fork()),
    rewind: (id, length) => session(id).rewind(length),
    tokens: (id) => session(id).tokens,
    endSession(id) {
      sessions.get(id)?.dispose();
      sessions.delete(id);
    },
    stream(id, sessionId, prompt, options) {
      const controller = new AbortController();
      const owner = sessionId === 0 ? loaded() : session(sessionId);
      streams.set(id, {
        stream: owner.stream(prompt, { ...options, signal: controller.signal }),
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

  line.listen(async (message) => {
    const { id } = message;
    try {
      const value = await answer(handlers(id), message);
      const transfer = value instanceof Float32Array ? [value.buffer as ArrayBuffer] : [];
      line.send({ id, value, runtime: model?.runtime }, transfer);
    } catch (error) {
      line.send({ id, error: toWire(error) });
    }
  });
}

function answer<K extends CallName>(handlers: Handlers, { call, args }: CallMessage<K>) {
  return handlers[call](...args);
}
