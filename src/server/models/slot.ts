import { onAbort } from '../../base/cancellation.js';
import { invalidOption } from '../../base/check_options.js';
import { loadedModels } from '../../generate/loaded_models.js';
import type { Model } from '../../model/model.js';
import type { ModelLoader } from '../handler_options.js';

interface Waiter {
  readonly resolve: (model: Model) => void;
  readonly reject: (error: unknown) => void;
}

/** A model that is loaded when it is needed, with the requests that use it or wait for it. */
export class Slot {
  readonly #loader: ModelLoader;
  readonly #waiters = new Set<Waiter>();
  readonly #onUnload: () => void;
  #model: Model | undefined;
  #uses = 0;
  /** Called when no request uses the model any more. */
  #idle: () => void = () => {};
  /** Whether it is to be unloaded, so that new requests wait for the next time. */
  isLeaving = false;

  /** `onUnload` is called after the model was disposed. */
  constructor(loader: ModelLoader, onUnload: () => void) {
    this.#loader = loader;
    this.#onUnload = onUnload;
  }

  /** Bytes that it takes when it is loaded. */
  get bytes(): number {
    return this.#loader.bytes ?? 0;
  }

  /** The model if it is in memory. */
  get model(): Model | undefined {
    return this.#model;
  }

  get isWanted(): boolean {
    return this.#waiters.size > 0;
  }

  get isBusy(): boolean {
    return this.#uses > 0;
  }

  /** The model for a request, which uses it until `release`; undefined if it must be waited for. */
  use(): Model | undefined {
    if (this.#model === undefined || this.isLeaving) return undefined;
    this.#uses++;
    return this.#model;
  }

  release(): void {
    this.#uses--;
    if (this.#uses === 0) this.#idle();
  }

  /**
   * Waits until the model is loaded, and uses it. Throws the error of the loading, or the signal's reason when that
   * fires.
   */
  wait(signal: AbortSignal): Promise<Model> {
    return new Promise((resolve, reject) => {
      const waiter = {
        resolve: (model: Model) => {
          unlisten();
          resolve(model);
        },
        reject: (error: unknown) => {
          unlisten();
          reject(error);
        },
      };
      const unlisten = onAbort(signal, () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      });
      this.#waiters.add(waiter);
    });
  }

  /** Loads the model for those who wait. They get the error if it fails. */
  async load(): Promise<boolean> {
    try {
      this.#model = checked(await this.#loader.load());
    } catch (error) {
      for (const { reject } of this.#taken()) reject(error);
      return false;
    }
    // All of them use it before anything else can unload it.
    const waiters = this.#taken();
    this.#uses += waiters.length;
    for (const { resolve } of waiters) resolve(this.#model);
    return true;
  }

  /** Waits until no request uses the model, and disposes it. */
  async unload(): Promise<void> {
    this.isLeaving = true;
    if (this.isBusy) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    this.#idle = () => {};
    this.#model?.dispose();
    this.#model = undefined;
    this.isLeaving = false;
    this.#onUnload();
  }

  #taken(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}

/** Throws `invalid-option` if a loader gives something else than a model of this thread. */
function checked(model: Model): Model {
  if (loadedModels.has(model)) return model;
  throw invalidOption('the result of a load function', model, 'a model of this thread');
}
