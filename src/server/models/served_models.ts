import { show } from '../../base/check_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { Model } from '../../model/model.js';
import { ApiError, RETRY_AFTER } from '../api_error.js';
import type { Exchange } from '../exchange.js';
import type { HandlerOptions } from '../handler_options.js';
import { Room } from './room.js';
import { Slot } from './slot.js';
import { TokenTexts } from './token_texts.js';

/** A loaded model under the name by which requests choose it. */
export interface Served {
  readonly name: string;
  readonly model: Model;
  readonly texts: TokenTexts;
}

/** The models of a server, for one request. */
export interface RequestModels {
  readonly names: readonly string[];
  /**
   * The model of a name, the first one if there is none. It stays loaded until the end of the request. Throws an
   * ApiError.
   */
  get(name: string | null | undefined): Promise<Served>;
}

/** A model without adapters of a request. */
interface Base {
  /** Missing for a model that was given. */
  readonly slot: Slot | undefined;
  use(signal: AbortSignal): Promise<Model>;
  /** The model if it is in memory. */
  model(): Model | undefined;
  /** What was made of the model while it is loaded, by served names. */
  readonly served: Map<string, Promise<Served>>;
}

/** The models of a server. */
export class ServedModels {
  readonly #bases: ReadonlyMap<string, Base>;
  readonly #adapters: ReadonlyMap<
    string,
    { readonly base: Base; readonly choices: readonly AdapterChoice[] }
  >;
  readonly #room: Room;
  readonly #onError: (error: unknown) => void;
  readonly names: readonly string[];

  constructor(
    { models, adapters = {}, maxMemory }: Pick<HandlerOptions, 'models' | 'adapters' | 'maxMemory'>,
    onError: (error: unknown) => void,
  ) {
    const room = new Room(maxMemory);
    this.#room = room;
    this.#onError = onError;
    this.#bases = new Map(
      Object.entries(models).map(([name, source]): [string, Base] => {
        const served: Base['served'] = new Map();
        if ('stream' in source)
          return [name, { slot: undefined, use: async () => source, model: () => source, served }];
        const loader = typeof source === 'function' ? { load: source } : source;
        const slot = new Slot(loader, () => served.clear());
        return [name, { slot, use: (signal) => room.use(slot, signal), model: () => slot.model, served }];
      }),
    );
    this.#adapters = new Map(
      Object.entries(adapters).map(([name, { model, adapters: choices }]) => [
        name,
        { base: this.#bases.get(model)!, choices },
      ]),
    );
    this.names = [...this.#bases.keys(), ...this.#adapters.keys()];
  }

  /** The models in memory without adapters, by their names. */
  get loaded(): [name: string, model: Model][] {
    return [...this.#bases].flatMap(([name, { model }]) => {
      const loaded = model();
      return loaded === undefined ? [] : [[name, loaded] as [string, Model]];
    });
  }

  /** The models for a request. */
  of(exchange: Exchange): RequestModels {
    return { names: this.names, get: (name) => this.#get(name ?? this.names[0]!, exchange) };
  }

  /** Loads models in their order as long as they fit. Throws the error of one that cannot be loaded. */
  async load(): Promise<void> {
    const never = new AbortController().signal;
    for (const { slot } of this.#bases.values()) {
      if (slot === undefined || this.#room.has(slot)) continue;
      if (!this.#room.fits(slot)) return;
      await this.#room.use(slot, never);
      slot.release();
    }
  }

  async #get(name: string, exchange: Exchange): Promise<Served> {
    const { base, choices } = this.#find(name);
    try {
      const model = await base.use(exchange.signal);
      const { slot } = base;
      if (slot !== undefined) exchange.onEnd(() => slot.release());
      return await exchange.awaited(this.#made(name, base, model, choices));
    } catch (error) {
      if (error instanceof ApiError) throw error;
      this.#onError(error);
      throw new ApiError(503, `the model ${show(name)} could not be loaded`, {
        ...{ param: 'model', code: 'model_not_loaded', retryAfter: RETRY_AFTER, cause: error },
      });
    }
  }

  #find(name: string): { readonly base: Base; readonly choices?: readonly AdapterChoice[] } {
    const base = this.#bases.get(name);
    const found = base === undefined ? this.#adapters.get(name) : { base };
    if (found === undefined) throw noSuchModel(name, this.names);
    return found;
  }

  async #made(
    name: string,
    { served }: Base,
    model: Model,
    choices: readonly AdapterChoice[] | undefined,
  ): Promise<Served> {
    const make = async () => {
      const used = choices === undefined ? model : await model.withAdapters(choices);
      return { name, model: used, texts: new TokenTexts(used) };
    };
    const made = served.get(name) ?? make();
    served.set(name, made);
    // The next request tries again.
    made.catch(() => served.get(name) === made && served.delete(name));
    return made;
  }

  /** Disposes what was loaded here. */
  async dispose(): Promise<void> {
    for (const { slot, served } of this.#bases.values()) {
      if (slot !== undefined) continue;
      for (const [name, made] of served) {
        if (this.#adapters.has(name)) await made.then(({ model }) => model.dispose()).catch(() => {});
      }
    }
    await this.#room.empty();
  }
}

/** The error for a name that is not among those that are served. */
export function noSuchModel(name: string, names: readonly string[]): ApiError {
  const message = `the model ${show(name)} does not exist; the models are ${names.map(show).join(', ')}`;
  return new ApiError(404, message, { param: 'model', code: 'model_not_found' });
}
