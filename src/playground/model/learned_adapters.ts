import { createStore, del, set, type UseStore, values } from 'idb-keyval';
import { hasRoom } from '../../files/http/file_cache.js';
import type { Adapter, ModelChoice } from './model_request.js';
import { hasTexts, isFileList } from './stored_files.js';
import { filesLength } from './taught_models.js';

/** An adapter that was learned from choices. */
export interface LearnedAdapter extends Adapter {
  /** Time of the lesson, as text that sorts by time. */
  readonly id: string;
  /** Key of the model that it changes: see `modelKey`. */
  readonly model: string;
  /** Name of this model. */
  readonly base: string;
  /** How it was learned, as a sentence. */
  readonly about: string;
  /** Whether it changes its model whenever that is loaded. */
  readonly isOn: boolean;
}

/** Whether a stored value is an adapter: another version of this page may have stored something else. */
function isLearnedAdapter(value: unknown): value is LearnedAdapter {
  return (
    hasTexts(value, ['id', 'name', 'model', 'base', 'about']) &&
    typeof value.isOn === 'boolean' &&
    isFileList(value.files)
  );
}

/** A key of a model without its adapters, which stays the same after a reload of the page. */
export function modelKey({ source, base }: Pick<ModelChoice, 'source' | 'base'>): string {
  const isAddress = typeof source === 'string' || source instanceof URL;
  return isAddress ? String(source) : `${base}, ${filesLength({ source, adapters: [] })} bytes`;
}

/** Adapters that were learned from choices, in IndexedDB, which all pages of the origin share. */
export class LearnedAdapters {
  readonly #listeners: (() => void)[] = [];
  /** Adapters that the browser does not store, until the page is left. */
  readonly #unstored = new Map<string, LearnedAdapter>();
  /** Ids of adapters that were saved as files. */
  readonly #saved = new Set<string>();
  #opened: UseStore | undefined;

  /** Calls `listener` after each change by this page. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The adapters, the latest first. */
  async list(): Promise<LearnedAdapter[]> {
    const stored: unknown[] = await this.#attempt((store) => values(store), []);
    return [...this.#unstored.values(), ...stored.filter(isLearnedAdapter)].sort((a, b) =>
      a.id < b.id ? 1 : -1,
    );
  }

  /** Keeps an adapter, which replaces one with the same id. Gives false if it is kept only until the page is left. */
  async keep(adapter: LearnedAdapter): Promise<boolean> {
    const bytes = adapter.files.reduce((sum, { size }) => sum + size, 0);
    const isStored = await this.#attempt(async (store) => {
      if (!(await hasRoom(bytes))) return false;
      await set(adapter.id, adapter, store);
      return true;
    }, false);
    if (isStored) this.#unstored.delete(adapter.id);
    else this.#unstored.set(adapter.id, adapter);
    this.#tell();
    return isStored;
  }

  /** Switches an adapter on, and the others of its model off; or all of the model off. */
  async switchOn(model: string, id: string | undefined): Promise<void> {
    for (const adapter of await this.list()) {
      const isOn = adapter.id === id;
      if (adapter.model === model && adapter.isOn !== isOn) await this.keep({ ...adapter, isOn });
    }
  }

  /** Whether leaving the page would lose an adapter. */
  get isAtRisk(): boolean {
    return [...this.#unstored.keys()].some((id) => !this.#saved.has(id));
  }

  /** Notes that an adapter was saved as a file. */
  noteSaved(id: string): void {
    this.#saved.add(id);
  }

  async remove(id: string): Promise<void> {
    this.#unstored.delete(id);
    await this.#attempt((store) => del(id, store), undefined);
    this.#tell();
  }

  /** Uses the storage; gives `otherwise` if the browser denies it. */
  async #attempt<T>(use: (store: UseStore) => Promise<T>, otherwise: T): Promise<T> {
    try {
      this.#opened ??= createStore('gpt2-wasm-learned', 'adapters');
      return await use(this.#opened);
    } catch {
      return otherwise;
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
