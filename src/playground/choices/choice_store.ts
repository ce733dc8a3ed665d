import { clear, createStore, delMany, setMany, type UseStore, values } from 'idb-keyval';
import { Gpt2Error } from '../../base/errors.js';
import { type Choice, isChoice, keyOf, MOST_CHOICES, type NewChoice, shortened } from './choice.js';

/** Storage of values by key, such as IndexedDB. */
export interface ChoiceRecords {
  /** All values, some of which may be no choices. */
  values(): Promise<unknown[]>;
  set(choices: readonly Choice[]): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
  clear(): Promise<void>;
}

/** Result of adding choices. */
export interface Added {
  /** The choices as they are stored. */
  readonly stored: readonly Choice[];
  /** Number of the oldest choices that made room. */
  readonly dropped: number;
  /** Number of choices that are stored now. */
  readonly total: number;
}

/** The user's choices, which all pages of the origin share. Methods that write throw `storage`. */
export class ChoiceStore {
  readonly #records: ChoiceRecords;
  readonly #most: number;
  readonly #listeners: (() => void)[] = [];
  #count = 0;
  /** Writes come one after the other: each depends on what is stored. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(records: ChoiceRecords = new IndexedChoices(), most: number = MOST_CHOICES) {
    this.#records = records;
    this.#most = most;
  }

  /** Calls `listener` after each change by this page. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The stored choices, the latest first; none if the browser denies storage. */
  async list(): Promise<Choice[]> {
    try {
      return (await this.#stored()).reverse();
    } catch {
      return [];
    }
  }

  /** Stores choices, each in place of an earlier one about the same texts. The oldest go if there are too many. */
  add(choices: readonly NewChoice[]): Promise<Added> {
    return this.#change(async () => {
      const before = await this.#stored();
      const distinct = latestOnly(choices.map(shortened));
      const fresh = distinct.slice(-this.#most).map((choice) => ({ ...choice, id: this.#nextId() }));
      const all = latestOnly([...before, ...fresh]);
      const kept = new Set(all.slice(-this.#most));
      const stored = fresh.filter((choice) => kept.has(choice));
      await this.#records.set(stored);
      await this.#records.delete(before.filter((choice) => !kept.has(choice)).map(({ id }) => id));
      const dropped = distinct.length - fresh.length + all.length - kept.size;
      return { stored, dropped, total: kept.size };
    });
  }

  /** Replaces the choice with the same id. */
  change(choice: Choice): Promise<void> {
    return this.#change(() => this.#records.set([shortened(choice)]));
  }

  remove(ids: readonly string[]): Promise<void> {
    return this.#change(() => this.#records.delete(ids));
  }

  removeAll(): Promise<void> {
    return this.#change(() => this.#records.clear());
  }

  /** The stored choices, the oldest first. What is no choice stays in the storage until all are deleted. */
  async #stored(): Promise<Choice[]> {
    return (await this.#records.values()).filter(isChoice).sort(byId);
  }

  /** An id that sorts after those before it; no other page makes the same. */
  #nextId(): string {
    const count = String(this.#count++ % 1e6).padStart(6, '0');
    return `${new Date().toISOString()} ${count} ${Math.random().toString(36).slice(2, 8)}`;
  }

  async #change<T>(write: () => Promise<T>): Promise<T> {
    const writing = this.#last.then(write);
    this.#last = writing.catch(() => {});
    const result = await writing.catch((cause) => {
      throw new Gpt2Error('storage', 'this browser does not store the choice', { cause });
    });
    for (const listener of this.#listeners) listener();
    return result;
  }
}

/** The choices without those that have a later one about the same texts. */
function latestOnly<C extends NewChoice>(choices: readonly C[]): C[] {
  const latest = new Map<string, C>();
  for (const choice of choices) {
    const key = keyOf(choice);
    latest.delete(key);
    latest.set(key, choice);
  }
  return [...latest.values()];
}

const byId = (a: Choice, b: Choice) => (a.id < b.id ? -1 : 1);

/** Choices in IndexedDB. */
class IndexedChoices implements ChoiceRecords {
  #opened: UseStore | undefined;

  /** Throws if the browser has no IndexedDB. */
  get #store(): UseStore {
    this.#opened ??= createStore('gpt2-wasm-choices', 'choices');
    return this.#opened;
  }

  async values(): Promise<unknown[]> {
    return values(this.#store);
  }

  async set(choices: readonly Choice[]): Promise<void> {
    await setMany(
      choices.map((choice) => [choice.id, choice]),
      this.#store,
    );
  }

  async delete(ids: readonly string[]): Promise<void> {
    await delMany([...ids], this.#store);
  }

  async clear(): Promise<void> {
    await clear(this.#store);
  }
}
