import { createStore, del, set, type UseStore, values } from 'idb-keyval';
import { hasRoom } from '../../files/http/file_cache.js';
import type { Wish } from './model_loader.js';

/** A model that was taught in the page. */
export interface TaughtModel extends Omit<Wish, 'weights'> {
  /** Sorts by the time of the lesson. */
  readonly id: string;
  /** Of all its files. */
  readonly byteLength: number;
}

/** Most bytes of all models that are kept. */
const MOST_BYTES = 4 * 2 ** 30;

/** The taught models that the origin's storage keeps, the latest first; none if the browser lets it keep nothing. */
export class TaughtModels {
  #opened: UseStore | undefined;

  /** Throws if the browser has no such storage. */
  get #store(): UseStore {
    this.#opened ??= createStore('gpt2-wasm-playground', 'taught');
    return this.#opened;
  }

  async list(): Promise<TaughtModel[]> {
    try {
      const found: TaughtModel[] = await values(this.#store);
      return found.sort((a, b) => (a.id < b.id ? 1 : -1));
    } catch {
      return [];
    }
  }

  /** Keeps a model, in place of an earlier one of its id. Gives false if there is no room or no storage. */
  async keep(model: TaughtModel): Promise<boolean> {
    try {
      const others = (await this.list()).filter(({ id }) => id !== model.id);
      const total = others.reduce((sum, { byteLength }) => sum + byteLength, model.byteLength);
      if (total > MOST_BYTES || !(await hasRoom(model.byteLength))) return false;
      await set(model.id, model, this.#store);
      return true;
    } catch {
      return false;
    }
  }

  async remove(id: string): Promise<void> {
    await del(id, this.#store);
  }
}

/** A name that no other has: with a number where it is needed. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = new Set(taken);
  let name = wanted;
  for (let i = 2; names.has(name); i++) name = `${wanted} ${i}`;
  return name;
}

/** Bytes of the files that a model consists of; what is at an address is not counted. */
export function filesLength({ source, adapters }: Pick<Wish, 'source' | 'adapters'>): number {
  const files: unknown[] = [source, ...adapters.map(({ files }) => files)].flatMap((part) =>
    typeof part === 'object' && !(part instanceof Blob) ? Object.values(part) : [part],
  );
  return files.reduce<number>((sum, file) => sum + (file instanceof Blob ? file.size : 0), 0);
}
