import type { WeightFormat } from '../../dtypes/weight_formats.js';
import type { Source } from '../../files/source_options.js';
import { createWorkerModel, type WorkerModel } from '../../worker/worker_model.js';
import type { Adapter } from '../teach/protocol.js';
import type { Loading } from './loading_bar.js';

/** A model that somebody wants. */
export interface Wish {
  readonly source: Exclude<Source, { list(): unknown }>;
  /** What the page calls the model. */
  readonly name: string;
  /** What it calls the model without adapters. */
  readonly base: string;
  /** LoRA adapters that stand beside the weights. */
  readonly adapters: readonly Adapter[];
  /** `undefined`: as the model itself says. */
  readonly weights: WeightFormat | undefined;
}

/** A model that is loaded, and what it was loaded from. */
export interface Loaded {
  readonly wish: Wish;
  readonly model: WorkerModel;
}

export interface LoaderEvents {
  /** Another model is loaded; the one before is disposed once this returns. */
  onLoaded(loaded: Loaded): void;
  /** A model could not be loaded, or its loading was cancelled. The one before is still at work. */
  onFailure(error: unknown, wish: Wish): void;
  /** The loading has ended, well or not. */
  onEnd(): void;
}

/** Loads the models that are wanted, one at a time. The one at work stays until the next is ready. */
export class ModelLoader {
  readonly #notice: Loading;
  readonly #events: LoaderEvents;
  #controller: AbortController | undefined;
  #loaded: Loaded | undefined;
  /** The loaded model without its adapters; it owns the worker. */
  #base: WorkerModel | undefined;

  constructor(notice: Loading, events: LoaderEvents) {
    this.#notice = notice;
    this.#events = events;
  }

  /** The model at work. */
  get loaded(): Loaded | undefined {
    return this.#loaded;
  }

  /** Loads a model in place of the one at work; a loading that is under way ends. */
  async load(wish: Wish): Promise<void> {
    this.cancel();
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    this.#notice.begin(wish.name);
    let base: WorkerModel | undefined;
    try {
      base = this.#isAtWork(wish) ? this.#base! : await this.#create(wish, signal);
      const adapters = wish.adapters.map(({ files }) => files);
      const model = adapters.length === 0 ? base : await base.withAdapters(adapters, { signal });
      this.#replace(base, { wish, model });
    } catch (error) {
      if (base !== this.#base) base?.dispose();
      if (this.#controller === controller) this.#events.onFailure(error, wish);
    } finally {
      if (this.#controller === controller) {
        this.#controller = undefined;
        this.#notice.end();
        this.#events.onEnd();
      }
    }
  }

  /** Ends the loading that is under way. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** Whether only other adapters are wanted. */
  #isAtWork({ source, weights }: Wish): boolean {
    const wish = this.#loaded?.wish;
    return wish !== undefined && wish.source === source && wish.weights === weights;
  }

  #create({ source, weights }: Wish, signal: AbortSignal): Promise<WorkerModel> {
    return createWorkerModel(source, {
      ...{ weights, signal },
      onDownload: (progress) => this.#notice.download(progress),
      onProgress: (progress) => this.#notice.read(progress),
    });
  }

  #replace(base: WorkerModel, loaded: Loaded): void {
    const before = this.#loaded;
    const baseBefore = this.#base;
    this.#loaded = loaded;
    this.#base = base;
    this.#events.onLoaded(loaded);
    // A base ends all that was made of it.
    if (baseBefore !== base) baseBefore?.dispose();
    else if (before!.model !== base) before!.model.dispose();
  }

  /** Gives back the memory of the model at work. */
  unload(): void {
    this.#base?.dispose();
    this.#base = undefined;
    this.#loaded = undefined;
  }
}
