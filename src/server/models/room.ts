import type { Model } from '../../model/model.js';
import type { Slot } from './slot.js';

/** The memory that models share: those that were not used for longest leave it for others, but never one that answers. */
export class Room {
  readonly #bytes: number;
  /** Loaded models, the least recently used first. */
  readonly #loaded = new Set<Slot>();
  /** Models that requests wait for, in the order in which they were first asked for. */
  readonly #wanted = new Set<Slot>();
  /** Models that compute nothing any more. */
  readonly #broken = new Set<Slot>();
  #loading: Promise<void> | undefined;

  constructor(bytes = Number.POSITIVE_INFINITY) {
    this.#bytes = bytes;
  }

  get #free(): number {
    return [...this.#loaded].reduce((free, { bytes }) => free - bytes, this.#bytes);
  }

  /** Whether a model can be loaded without others leaving. */
  fits({ bytes }: Slot): boolean {
    return bytes <= this.#free;
  }

  /** Whether a model is loaded and stays. */
  has(slot: Slot): boolean {
    return this.#loaded.has(slot) && !slot.isLeaving;
  }

  /** The model, which the caller uses until `slot.release()`. Throws the error of its loading, or the signal's reason. */
  async use(slot: Slot, signal: AbortSignal): Promise<Model> {
    const model = slot.use();
    if (model !== undefined) {
      this.#loaded.delete(slot);
      this.#loaded.add(slot);
      return model;
    }
    // Somebody must wait when loading begins: it would end at once, before it is known that it has begun.
    signal.throwIfAborted();
    const waiting = slot.wait(signal);
    this.#wanted.add(slot);
    this.#loading ??= this.#loadAll();
    return waiting;
  }

  /** Unloads a model that computes nothing any more, once no request uses it, so that the next one loads it again. */
  renew(slot: Slot): void {
    if (!this.has(slot)) return;
    slot.isLeaving = true;
    this.#broken.add(slot);
    this.#loading ??= this.#loadAll();
  }

  /** Unloads all models. No request may use or ask for one. */
  async empty(): Promise<void> {
    await this.#loading;
    for (const slot of this.#loaded) await slot.unload();
    this.#loaded.clear();
  }

  async #loadAll(): Promise<void> {
    if (this.#broken.size > 0) await this.#unloadBroken();
    for (const slot of this.#wanted) {
      if (this.#broken.size > 0) await this.#unloadBroken();
      this.#wanted.delete(slot);
      // Everybody may have left, or got the model of another request.
      if (!slot.isWanted) continue;
      await this.#makeRoom(slot);
      if (slot.isWanted && (await slot.load())) this.#loaded.add(slot);
    }
    this.#loading = undefined;
  }

  async #unloadBroken(): Promise<void> {
    for (const slot of this.#broken) {
      await slot.unload();
      this.#loaded.delete(slot);
      this.#broken.delete(slot);
    }
  }

  /**
   * Unloads others until a model fits. Requests for these wait from now on, so that new ones do not keep them here for
   * ever.
   */
  async #makeRoom({ bytes }: Slot): Promise<void> {
    let free = this.#free;
    const leaving: Slot[] = [];
    const oldest = [...this.#loaded].sort((a, b) => Number(a.isBusy) - Number(b.isBusy));
    for (const slot of oldest) {
      if (bytes <= free) break;
      free += slot.bytes;
      slot.isLeaving = true;
      leaving.push(slot);
    }
    for (const slot of leaving) {
      await slot.unload();
      this.#loaded.delete(slot);
    }
  }
}
