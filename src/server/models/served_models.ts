import { show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { Model } from '../../model/model.js';
import { ApiError, RETRY_AFTER } from '../api_error.js';
import type { Exchange } from '../exchange.js';
import type { HandlerOptions, Limits } from '../handler_options.js';
import type { ServedUsers, UserAdapters } from '../users/served_users.js';
import { ChangedAdapters, unchanged } from '../users/unchanged.js';
import { UserModels } from '../users/user_models.js';
import { Room } from './room.js';
import type { Served } from './served.js';
import { Slot } from './slot.js';
import { TokenTexts } from './token_texts.js';

/** The models of a server, for one request. */
export interface RequestModels {
  readonly names: readonly string[];
  /**
   * The model of a name, the first one if there is none, with the adapters of a user. It stays loaded until the end of
   * the request. Throws an ApiError.
   */
  get(name: string | null | undefined, user?: string | null): Promise<Served>;
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

type ServedOptions = Pick<HandlerOptions, 'models' | 'adapters' | 'maxMemory' | 'users'> & {
  readonly limits: Pick<Limits, 'users'>;
};

/** A request reads adapters that change meanwhile so often at most. */
const MOST_READS = 5;

/** The models of a server. */
export class ServedModels {
  readonly #bases: ReadonlyMap<string, Base>;
  readonly #adapters: ReadonlyMap<
    string,
    { readonly base: Base; readonly choices: readonly AdapterChoice[] }
  >;
  readonly #room: Room;
  readonly #users: ServedUsers | undefined;
  readonly #userModels: UserModels;
  readonly #onError: (error: unknown) => void;
  readonly names: readonly string[];

  constructor(
    { models, adapters = {}, maxMemory, users, limits }: ServedOptions,
    onError: (error: unknown) => void,
  ) {
    const room = new Room(maxMemory);
    this.#room = room;
    this.#users = users;
    const userModels = new UserModels(limits.users);
    this.#userModels = userModels;
    this.#onError = onError;
    this.#bases = new Map(
      Object.entries(models).map(([name, source], index): [string, Base] => {
        const served: Base['served'] = new Map();
        if ('stream' in source)
          return [name, { slot: undefined, use: async () => source, model: () => source, served }];
        const loader = typeof source === 'function' ? { load: source } : source;
        const slot = new Slot(loader, () => {
          served.clear();
          if (index === 0) userModels.clear();
        });
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
    const get: RequestModels['get'] = (name, user) => this.#get(name ?? this.names[0]!, user ?? '', exchange);
    return { names: this.names, get };
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

  async #get(name: string, user: string, exchange: Exchange): Promise<Served> {
    const { base, choices } = this.#find(name);
    let own: UserAdapters | undefined;
    try {
      const model = await base.use(exchange.signal);
      const { slot } = base;
      if (slot !== undefined) {
        exchange.onEnd((error) => {
          slot.release();
          if (isRuntime(error) || isRuntime((error as Error | undefined)?.cause))
            void this.#renewBroken(slot, model);
        });
      }
      for (let reads = 1; ; reads++) {
        own = await exchange.awaited(this.#adaptersOf(user, base));
        if (own === undefined) return await exchange.awaited(this.#made(name, base, model, choices));
        const { version, adapters } = own;
        const make = () => {
          const made = servedOf(name, model, [...(choices ?? []), ...adapters]);
          return unchanged(user, version, made, () => this.#adaptersOf(user, base));
        };
        try {
          return await this.#userModels.use(JSON.stringify([name, user]), version, make, exchange);
        } catch (error) {
          if (!(error instanceof ChangedAdapters) || reads === MOST_READS) throw error;
        }
      }
    } catch (error) {
      if (error instanceof ApiError) throw error;
      this.#onError(error);
      const [what, param] =
        own === undefined ? [`model ${show(name)}`, 'model'] : [`adapter of user ${show(user)}`, 'user'];
      throw new ApiError(503, `the ${what} could not be loaded`, {
        ...{ param, code: 'model_not_loaded', retryAfter: RETRY_AFTER, cause: error },
      });
    }
  }

  /** Loads a model again whose thread has died: no call of it ends well any more. */
  async #renewBroken(slot: Slot, model: Model): Promise<void> {
    const isBroken = await model.logits([0]).then(
      () => false,
      () => true,
    );
    if (isBroken && slot.model === model) this.#room.renew(slot);
  }

  /** The adapters of a user for a model, if there are any. */
  async #adaptersOf(user: string, base: Base): Promise<UserAdapters | undefined> {
    if (user === '' || base !== this.#bases.get(this.names[0]!)) return undefined;
    return this.#users?.adapters(user);
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
    const made = served.get(name) ?? servedOf(name, model, choices);
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
    await this.#userModels.dispose();
    await this.#room.empty();
  }
}

const isRuntime = (error: unknown): boolean => error instanceof Gpt2Error && error.code === 'runtime';

/** A model under a name, with adapters if there are any. */
async function servedOf(name: string, model: Model, choices?: readonly AdapterChoice[]): Promise<Served> {
  const used = choices === undefined ? model : await model.withAdapters(choices);
  return { name, model: used, texts: new TokenTexts(used) };
}

/** The error for a name that is not among those that are served. */
export function noSuchModel(name: string, names: readonly string[]): ApiError {
  const message = `the model ${show(name)} does not exist; the models are ${names.map((each) => show(each)).join(', ')}`;
  return new ApiError(404, message, { param: 'model', code: 'model_not_found' });
}
