import { createWorkerModel, type WorkerModel } from '../../worker/worker_model.js';
import type { LoadingBar } from './loading_bar.js';
import type { ModelRequest } from './model_request.js';

/** A loaded model with its request. */
export interface Loaded {
  readonly request: ModelRequest;
  readonly model: WorkerModel;
}

export interface LoaderEvents {
  /** Another model is loaded. The model before it is disposed once this returns. */
  onLoaded(loaded: Loaded): void;
  /** Loading failed or was cancelled. The model before is still in use. */
  onFailure(error: unknown, request: ModelRequest): void;
  /** Loading has ended, with or without success. */
  onEnd(): void;
}

/** Loads models, one at a time. The current model stays until the next one is ready. */
export class ModelLoader {
  readonly #bar: LoadingBar;
  readonly #events: LoaderEvents;
  #controller: AbortController | undefined;
  #loaded: Loaded | undefined;
  /** The loaded model without its adapters; it owns the worker. */
  #base: WorkerModel | undefined;

  constructor(bar: LoadingBar, events: LoaderEvents) {
    this.#bar = bar;
    this.#events = events;
  }

  /** The current model. */
  get loaded(): Loaded | undefined {
    return this.#loaded;
  }

  /** Loads a model to replace the current one. Cancels loading that is in progress. */
  async load(request: ModelRequest): Promise<void> {
    this.cancel();
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    this.#bar.begin(request.name);
    let base: WorkerModel | undefined;
    try {
      base = this.#hasSameBase(request) ? this.#base! : await this.#create(request, signal);
      const adapters = request.adapters.map(({ files }) => files);
      const model = adapters.length === 0 ? base : await base.withAdapters(adapters, { signal });
      this.#replace(base, { request, model });
    } catch (error) {
      if (base !== this.#base) base?.dispose();
      if (this.#controller === controller) this.#events.onFailure(error, request);
    } finally {
      if (this.#controller === controller) {
        this.#controller = undefined;
        this.#bar.end();
        this.#events.onEnd();
      }
    }
  }

  /** Cancels loading that is in progress. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** Whether a request differs from the current model, whose worker runs, in adapters only. */
  #hasSameBase({ source, weights }: ModelRequest): boolean {
    const request = this.#loaded?.request;
    return (
      request !== undefined && runs(this.#base!) && request.source === source && request.weights === weights
    );
  }

  #create({ source, weights }: ModelRequest, signal: AbortSignal): Promise<WorkerModel> {
    return createWorkerModel(source, {
      ...{ weights, signal },
      onDownload: (progress) => this.#bar.download(progress),
      onProgress: (progress) => this.#bar.read(progress),
    });
  }

  #replace(base: WorkerModel, loaded: Loaded): void {
    const before = this.#loaded;
    const baseBefore = this.#base;
    this.#loaded = loaded;
    this.#base = base;
    this.#events.onLoaded(loaded);
    // Disposing a base also disposes the models with adapters made from it.
    if (baseBefore !== base) baseBefore?.dispose();
    else if (before!.model !== base) before!.model.dispose();
  }

  /** Frees the memory of the current model. */
  unload(): void {
    this.#base?.dispose();
    this.#base = undefined;
    this.#loaded = undefined;
  }
}

/** Whether the worker of a model has not failed. */
function runs(model: WorkerModel): boolean {
  try {
    return model.runtime !== undefined;
  } catch {
    return false;
  }
}
