import { createStore, del, set, type UseStore, values } from 'idb-keyval';
import { Gpt2Error } from '../../base/errors.js';
import { hasRoom } from '../../files/http/file_cache.js';
import type { ModelChoice } from './model_request.js';
import { hasTexts, isFileList, isStoredSource } from './stored_files.js';

/** A model that was taught in the page. */
export interface TaughtModel extends ModelChoice {
  /** Time of the lesson, as text that sorts by time. */
  readonly id: string;
  /** Bytes of all files of the model. */
  readonly byteLength: number;
}

/** Most bytes of all stored models together. */
const MOST_BYTES = 4 * 2 ** 30;

/** Taught models in IndexedDB, which all pages of the origin share. */
export class TaughtModels {
  #opened: UseStore | undefined;

  /** Throws if the browser has no IndexedDB. */
  get #store(): UseStore {
    this.#opened ??= createStore('gpt2-wasm-playground', 'taught');
    return this.#opened;
  }

  /** The stored models, the latest first; none if the browser denies storage. */
  async list(): Promise<TaughtModel[]> {
    try {
      const found: unknown[] = await values(this.#store);
      return found.filter(isTaughtModel).sort((a, b) => (a.id < b.id ? 1 : -1));
    } catch {
      return [];
    }
  }

  /** Stores a model, which replaces one with the same id. Gives false if there is no room or no storage. */
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

  /** Throws `storage`. */
  async remove(id: string): Promise<void> {
    try {
      await del(id, this.#store);
    } catch (cause) {
      throw new Gpt2Error('storage', 'this browser does not delete the model', { cause });
    }
  }
}

/** Whether a stored value is a model: another version of this page may have stored something else. */
function isTaughtModel(value: unknown): value is TaughtModel {
  if (!hasTexts(value, ['id', 'name', 'base']) || !isStoredSource(value.source)) return false;
  const { byteLength, adapters } = value;
  return (
    Number.isSafeInteger(byteLength) &&
    Array.isArray(adapters) &&
    adapters.every((adapter) => hasTexts(adapter, ['name']) && isFileList(adapter.files))
  );
}

/** The wanted name, with a number added if it is taken. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = new Set(taken);
  let name = wanted;
  for (let i = 2; names.has(name); i++) name = `${wanted} ${i}`;
  return name;
}

/** Bytes of the files of a model and its adapters, without those at a URL. */
export function filesLength({ source, adapters }: Pick<ModelChoice, 'source' | 'adapters'>): number {
  const files: unknown[] = [source, ...adapters.map(({ files }) => files)].flatMap((part) =>
    typeof part === 'object' && !(part instanceof Blob) ? Object.values(part) : [part],
  );
  return files.reduce<number>((sum, file) => sum + (file instanceof Blob ? file.size : 0), 0);
}
