import { Gpt2Error } from '../../base/errors.js';
import type { Exchange } from '../exchange.js';
import type { Served } from '../models/served.js';

/** The part of a request that is read. */
type Lasting = Pick<Exchange, 'awaited' | 'onEnd'>;

/** A model with the adapters of a user. */
interface UserModel {
  readonly key: string;
  readonly version: string;
  readonly made: Promise<Served>;
  /** Requests that use it. */
  uses: number;
}

/** The models with users' adapters in memory: those that were not used for longest leave, but never one that answers. */
export class UserModels {
  readonly #most: number;
  /** Those of current adapters by their keys, the least recently used first. */
  readonly #current = new Map<string, UserModel>();
  /** Those of adapters that have changed, which requests still use. */
  readonly #former = new Set<UserModel>();
  /** Requests that wait until one of another user is not used any more. */
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * The model of a key whose adapters have a version, for a request until its end; `make` makes it. Throws what `make`
   * throws, and the reason for which the exchange ends.
   */
  async use(key: string, version: string, make: () => Promise<Served>, exchange: Lasting): Promise<Served> {
    for (;;) {
      const found = this.#current.get(key);
      if (found?.version === version) return this.#used(found, exchange);
      if (found !== undefined) this.#retire(found);
      if (this.#current.size + this.#former.size < this.#most) {
        try {
          return await this.#used(this.#make(key, version, make), exchange);
        } catch (error) {
          const isFull = error instanceof Gpt2Error && error.code === 'out-of-memory';
          if (!isFull || !this.#retireIdle()) throw error;
        }
      } else if (!this.#retireIdle()) {
        await exchange.awaited(new Promise<void>((resolve) => this.#waiting.push(resolve)));
      }
    }
  }

  /** Forgets all, whose model was disposed. No request uses one. */
  clear(): void {
    this.#current.clear();
    this.#former.clear();
  }

  /** Disposes all. No request uses one. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#current.values()].map(disposed));
    this.clear();
  }

  #make(key: string, version: string, make: () => Promise<Served>): UserModel {
    const model = { key, version, made: make(), uses: 0 };
    this.#current.set(key, model);
    // The next request tries again.
    model.made.catch(() => this.#current.get(key) === model && this.#current.delete(key));
    return model;
  }

  async #used(model: UserModel, exchange: Lasting): Promise<Served> {
    if (this.#current.delete(model.key)) this.#current.set(model.key, model);
    let isUsing = true;
    model.uses++;
    const release = () => {
      if (isUsing) this.#release(model);
      isUsing = false;
    };
    exchange.onEnd(release);
    try {
      return await exchange.awaited(model.made);
    } catch (error) {
      // Before it tries again, the request gives its place back: two that kept theirs would wait for each other.
      release();
      throw error;
    }
  }

  #release(model: UserModel): void {
    model.uses--;
    if (model.uses > 0) return;
    if (this.#former.delete(model)) void disposed(model);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #retire(model: UserModel): void {
    this.#current.delete(model.key);
    if (model.uses > 0) this.#former.add(model);
    else void disposed(model);
  }

  /** Lets the one leave that was not used for longest; false if requests use all. */
  #retireIdle(): boolean {
    const idle = [...this.#current.values()].find(({ uses }) => uses === 0);
    if (idle !== undefined) this.#retire(idle);
    return idle !== undefined;
  }
}

/** One that could not be made has nothing to dispose. */
const disposed = ({ made }: UserModel): Promise<void> =>
  made.then(({ model }) => model.dispose()).catch(() => {});
