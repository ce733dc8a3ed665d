import { type FileContent, filesByPath, type ModelFiles } from '../blob_source.js';
import { checkOptionNames, invalidOption } from '../check_options.js';
import type { ModelConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import type { Completion } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import type { Prompt } from '../generate/prompt.js';
import type { TokenStream } from '../generate/token_stream.js';
import type { LoadModelOptions } from '../load_model.js';
import type { Runtime, Score } from '../model.js';
import { startModelWorker, workerLine } from '../platform.js';
import type { EncodeOptions } from '../tokenizer/tokenizer.js';
import { Connection } from './connection.js';
import type { WireSource } from './protocol.js';
import { drained, openStream, WorkerSession, wirePrompt } from './worker_session.js';

/** As in `loadModel`, but for a tokenizer of one's own, adapters, and an object that reads. */
export interface WorkerModelOptions extends Omit<LoadModelOptions, 'tokenizer' | 'adapters'> {
  /**
   * The worker to run in, in place of the package's own: one whose script imports `gpt2-wasm/model-worker`, for
   * bundlers that do not find `new Worker(new URL(...))`, and for pages whose scripts come from another site.
   */
  readonly worker?: Worker;
}

const OPTION_NAMES = Object.keys({
  worker: true,
  build: true,
  weights: true,
  contextLength: true,
  threads: true,
  module: true,
  revision: true,
  token: true,
  cache: true,
  signal: true,
  onDownload: true,
  onProgress: true,
} satisfies Record<keyof WorkerModelOptions, true>);

/**
 * Loads a model in a worker of its own, so that nothing it does holds up the caller. Sources as in `loadModel`; array
 * buffers are moved to the worker, not copied, and are empty here afterwards; files and blobs stay as they are.
 *
 * Throws as `loadModel` does, and `runtime` where no worker starts. The worker ends with `dispose`.
 */
export async function createWorkerModel(
  source: string | URL | ModelFiles,
  options: WorkerModelOptions = {},
): Promise<WorkerModel> {
  checkOptionNames('createWorkerModel', options, OPTION_NAMES);
  const { worker, signal, onProgress, onDownload, ...wireOptions } = options;
  const wire = wireSource(source);
  const aborted = () => new Gpt2Error('aborted', 'loading the model was aborted', { cause: signal?.reason });
  if (signal?.aborted) throw aborted();
  const line = worker === undefined ? startModelWorker() : workerLine(worker);
  const connection = new Connection(line, { onProgress, onDownload });
  const abort = () => connection.stop(aborted());
  signal?.addEventListener('abort', abort);
  try {
    const config = await connection.call('load', [wire, wireOptions], buffersOf(wire));
    return new WorkerModel(connection, config);
  } catch (error) {
    connection.stop(new Gpt2Error('disposed', 'the model was not loaded'));
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** A model that runs in a worker: the calls of `Model`. Every call after `dispose` throws `disposed`. */
export class WorkerModel {
  readonly config: ModelConfig;
  /** The model's tokenizer, in the worker. */
  readonly tokenizer: {
    encode(text: string, options?: EncodeOptions): Promise<number[]>;
    decode(ids: ArrayLike<number>): Promise<string>;
  };
  readonly #connection: Connection;

  /** Use `createWorkerModel`. */
  constructor(connection: Connection, config: ModelConfig) {
    this.#connection = connection;
    this.config = config;
    this.tokenizer = {
      encode: (text, options = {}) => connection.call('encode', [text, options]),
      decode: (ids) => connection.call('decode', [Array.from(ids)]),
    };
  }

  /** What runs the model; its `memoryBytes` as of the latest answer of the worker. */
  get runtime(): Runtime {
    this.#connection.assertOpen();
    return this.#connection.runtime!;
  }

  async generate(prompt: Prompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  /** Tokens are computed as they are asked for: who leaves the loop ends the work. */
  stream(prompt: Prompt, options: GenerateOptions = {}): TokenStream {
    return openStream(this.#connection, this.config, 0, prompt, options);
  }

  session(): WorkerSession {
    this.#connection.assertOpen();
    const number = this.#connection.newNumber();
    this.#connection.tell('session', [number]);
    return new WorkerSession(this.#connection, this.config, number);
  }

  async score(prompt: Prompt): Promise<Score> {
    return this.#connection.call('score', [wirePrompt(prompt, this.config)]);
  }

  async logits(ids: ArrayLike<number>): Promise<Float32Array> {
    return this.#connection.call('logits', [wirePrompt(ids, this.config) as number[]]);
  }

  /** Ends the worker, with whatever it is doing, and gives the memory back. */
  dispose(): void {
    this.#connection.stop(new Gpt2Error('disposed', 'the model was disposed; load it again'));
  }
}

/** A source as it crosses to a worker. Throws `invalid-option` for an object that reads. */
export function wireSource(source: unknown): WireSource {
  if (typeof source === 'string' || source instanceof URL) {
    // A worker's own address is that of its script: what is relative is meant from here.
    const here = globalThis.location?.href;
    const isRelative = here !== undefined && typeof source === 'string' && /^\.{0,2}\//.test(source);
    return isRelative ? new URL(source, here).href : String(source);
  }
  const files = filesByPath(source);
  if (files !== undefined) return files;
  throw invalidOption(
    'source',
    source,
    "a URL, a path, files or their bytes: a worker can call no object's functions",
  );
}

/** What is moved rather than copied. */
function buffersOf(source: WireSource): ArrayBuffer[] {
  if (typeof source === 'string') return [];
  const bytes = [...source.values()].filter(
    (file): file is Exclude<FileContent, Blob> => file instanceof Uint8Array,
  );
  return [...new Set(bytes.map(({ buffer }) => buffer))];
}
