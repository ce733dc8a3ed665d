import { show } from '../../base/check_options.js';
import type { Model } from '../../model/model.js';
import { ApiError, RETRY_AFTER } from '../api_error.js';
import type { ServedModel } from '../handler_options.js';
import { TokenTexts } from './token_texts.js';

/** A loaded model under the name by which requests choose it. */
export interface Served {
  readonly name: string;
  readonly model: Model;
  readonly texts: TokenTexts;
}

/** The models of a server. */
export class ServedModels {
  readonly #models: ReadonlyMap<string, ServedModel>;
  readonly #loaded = new Map<string, Promise<Served>>();
  readonly #onError: (error: unknown) => void;

  constructor(models: Readonly<Record<string, ServedModel>>, onError: (error: unknown) => void) {
    this.#models = new Map(Object.entries(models));
    this.#onError = onError;
  }

  get names(): readonly string[] {
    return [...this.#models.keys()];
  }

  /** The model of a request, the first one if it names none. Throws an ApiError. */
  async get(name: string | null | undefined): Promise<Served> {
    const wanted = name ?? this.names[0]!;
    const known = this.#loaded.get(wanted) ?? this.#load(wanted);
    this.#loaded.set(wanted, known);
    try {
      return await known;
    } catch (error) {
      // The next request tries again.
      if (this.#loaded.get(wanted) === known) this.#loaded.delete(wanted);
      if (error instanceof ApiError) throw error;
      this.#onError(error);
      throw new ApiError(503, `the model ${show(wanted)} could not be loaded`, {
        ...{ param: 'model', code: 'model_not_loaded', retryAfter: RETRY_AFTER, cause: error },
      });
    }
  }

  async #load(name: string): Promise<Served> {
    const source = this.#models.get(name);
    if (source === undefined) {
      throw new ApiError(
        404,
        `the model ${show(name)} does not exist; ${this.names.map(show).join(', ')} do`,
        {
          ...{ param: 'model', code: 'model_not_found' },
        },
      );
    }
    const model = typeof source === 'function' ? await source() : source;
    return { name, model, texts: new TokenTexts(model) };
  }

  /** Disposes the models that were loaded here. */
  async dispose(): Promise<void> {
    for (const [name, loading] of this.#loaded) {
      if (typeof this.#models.get(name) !== 'function') continue;
      await loading.then(({ model }) => model.dispose()).catch(() => {});
    }
    this.#loaded.clear();
  }
}
