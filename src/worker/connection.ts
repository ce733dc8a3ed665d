import { Gpt2Error } from '../base/errors.js';
import type { LoadProgress } from '../checkpoints/load_weights.js';
import type { DownloadProgress } from '../files/source.js';
import type { Transfer } from '../host/port.js';
import { threadLender } from '../host/workers/platform.js';
import type { Runtime } from '../model/model.js';
import type { WorkProgress } from '../model/remote_models.js';
import {
  type AnyReply,
  type CallName,
  type Calls,
  fromWire,
  type OwnerPort,
  type ReplyMessage,
} from './protocol.js';

interface Pending {
  readonly listeners: Listeners;
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Listeners of a call that reports before it ends. */
export interface Listeners {
  readonly onProgress?: ((progress: LoadProgress & WorkProgress) => void) | undefined;
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
}

/** The owner's end of the port: sends calls and matches the answers to them. */
export class Connection {
  /** How the model runs, as of the latest answer. */
  runtime: Runtime | undefined;
  readonly #port: OwnerPort;
  readonly #pending = new Map<number, Pending>();
  readonly #threads = threadLender?.();
  #calls = 0;
  #numbers = 0;
  #over: Gpt2Error | undefined;

  constructor(port: OwnerPort) {
    this.#port = port;
    port.listen(
      (message) => this.#receive(message),
      (reason) => this.stop(new Gpt2Error('runtime', `the model's worker failed: ${reason}`)),
    );
  }

  /** A new number for a session, stream, model or cancellable call; never 0. */
  newNumber(): number {
    return ++this.#numbers;
  }

  /** Throws the reason of `stop`, if it was called. */
  assertOpen(): void {
    if (this.#over) throw this.#over;
  }

  call<K extends CallName>(
    call: K,
    args: Parameters<Calls[K]>,
    transfer: Transfer = [],
    listeners: Listeners = {},
  ): Promise<ReturnType<Calls[K]>> {
    return new Promise((resolve, reject) => {
      this.assertOpen();
      const id = ++this.#calls;
      try {
        this.#port.send({ id, call, args }, transfer);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Gpt2Error('invalid-option', `what was given cannot go to the worker: ${why}`, { cause });
      }
      this.#pending.set(id, { resolve, reject, listeners });
      this.#port.keepAlive(true);
    });
  }

  /** Sends a call without waiting for its answer; errors are ignored. */
  notify<K extends CallName>(call: K, args: Parameters<Calls[K]>): void {
    if (!this.#over) this.call(call, args).catch(() => {});
  }

  /** Ends the worker. Waiting and later calls throw `reason`. */
  stop(reason: Gpt2Error): void {
    if (this.#over) return;
    this.#over = reason;
    this.#port.stop();
    this.#threads?.end();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  /** Ignores what is no answer to a call: other code in the worker may send messages too. */
  #receive(message: ReplyMessage): void {
    const { id, thread, progress, download, error, value, runtime }: AnyReply = Object(message);
    if (thread) this.#threads?.lend(thread);
    const pending = this.#pending.get(id!);
    if (!pending) return;
    if (progress || download) {
      try {
        if (progress) pending.listeners.onProgress?.(progress as never);
        else pending.listeners.onDownload?.(download!);
      } catch (error) {
        pending.reject(error as Error);
      }
      return;
    }
    this.#pending.delete(id!);
    this.#port.keepAlive(this.#pending.size > 0);
    if (error) {
      pending.reject(fromWire(error));
      return;
    }
    this.runtime = runtime;
    pending.resolve(value as never);
  }
}
