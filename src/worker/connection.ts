import { Gpt2Error } from '../base/errors.js';
import type { LoadProgress } from '../checkpoints/load_weights.js';
import type { DownloadProgress } from '../files/source.js';
import type { Transfer } from '../host/port.js';
import { threadLender } from '../host/workers/platform.js';
import type { Runtime } from '../model/model.js';
import type { WorkProgress } from '../model/remote_models.js';
import { type CallName, type Calls, fromWire, type OwnerPort, type ReplyMessage } from './protocol.js';

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

  #receive(message: ReplyMessage): void {
    if ('thread' in message) {
      this.#threads?.lend(message.thread);
      return;
    }
    const pending = this.#pending.get(message.id);
    if ('progress' in message || 'download' in message) {
      try {
        if ('progress' in message) pending?.listeners.onProgress?.(message.progress as never);
        else pending?.listeners.onDownload?.(message.download);
      } catch (error) {
        pending?.reject(error as Error);
      }
      return;
    }
    this.#pending.delete(message.id);
    this.#port.keepAlive(this.#pending.size > 0);
    if ('error' in message) {
      pending?.reject(fromWire(message.error));
      return;
    }
    this.runtime = message.runtime;
    pending?.resolve(message.value as never);
  }
}
