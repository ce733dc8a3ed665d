import type { PickleCursor } from './cursor.js';
import { plainData } from './known_calls.js';
import { isDangerous, moduleOf } from './names.js';
import { PickleName, PickleObject } from './values.js';

/**
 * Most lists, texts and objects of a pickle; a dictionary counts as several. A training state of the largest
 * GPT-2 has some ten thousand; empty lists and dictionaries take far more memory than their one byte.
 */
const MAX_OBJECTS = 2 ** 20;
/** Most values of a pickle, numbers too. */
const MAX_VALUES = 2 ** 22;
/** A value of these takes the memory of so many lists. */
const LARGE = [Map, Set, PickleObject, PickleName] as const;
const DICTIONARY = 4;

/** Gives the meaning of names and ids that are more than plain data. */
export interface PickleHooks {
  /** The value of a call of this name; `undefined` if it is unknown, which makes an inert object. */
  call?(name: PickleName, args: readonly unknown[]): unknown;
  /** The value of a persistent id, which stands for data outside the pickle. */
  persistent?(id: unknown): unknown;
}

/** The stack and the memo of a pickle that is being read. Nothing is called by the names in the file. */
export class PickleMachine {
  readonly cursor: PickleCursor;
  readonly #hooks: PickleHooks;
  readonly #stack: unknown[] = [];
  /** Lengths of the stack at the open marks. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #objects = 0;
  #values = 0;

  constructor(cursor: PickleCursor, hooks: PickleHooks) {
    this.cursor = cursor;
    this.#hooks = hooks;
  }

  push(value: unknown): void {
    if (++this.#values > MAX_VALUES)
      throw this.cursor.error(`the pickle has more than ${MAX_VALUES} values,`);
    this.#stack.push(value);
  }

  /** Pushes a value that takes memory. */
  make(value: unknown): void {
    this.#count(isLarge(value) ? DICTIONARY : 1);
    this.push(value);
  }

  pop(): unknown {
    this.#require(1);
    return this.#stack.pop();
  }

  top(): unknown {
    this.#require(1);
    return this.#stack.at(-1);
  }

  mark(): void {
    this.#count(1);
    this.#marks.push(this.#stack.length);
  }

  /** Removes the values above the last mark, and the mark. */
  popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.cursor.error('no mark is open');
    return this.#stack.splice(mark);
  }

  /** Removes a value, or a mark if no value is above it. */
  discard(): void {
    if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  /** Makes a tuple of the last `count` values. */
  tuple(count: number): void {
    this.#require(count);
    this.make(this.#stack.splice(this.#stack.length - count));
  }

  remember(index = this.#memo.size): void {
    this.#count(1);
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw this.cursor.error(`the memo has no entry ${index}`);
    this.push(this.#memo.get(index));
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (list instanceof PickleObject) list.items ??= [];
    const target = list instanceof PickleObject ? list.items : list;
    if (!Array.isArray(target)) throw this.cursor.error('items are appended to what is no list');
    for (const item of items) target.push(item);
  }

  addToSet(items: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw this.cursor.error('items are added to what is no set');
    for (const item of items) set.add(item);
  }

  /** Sets pairs of keys and values in the dictionary on top. */
  setItems(pairs: readonly unknown[]): void {
    const dictionary = this.top();
    if (dictionary instanceof PickleObject) dictionary.entries ??= new Map();
    const target = dictionary instanceof PickleObject ? dictionary.entries : dictionary;
    if (!(target instanceof Map)) throw this.cursor.error('an entry is set in what is no dictionary');
    this.#setPairs(target, pairs);
  }

  dictionary(pairs: readonly unknown[]): void {
    const dictionary = new Map<unknown, unknown>();
    this.#setPairs(dictionary, pairs);
    this.make(dictionary);
  }

  #setPairs(target: Map<unknown, unknown>, pairs: readonly unknown[]): void {
    if (pairs.length % 2 > 0) throw this.cursor.error('a key of a dictionary has no value');
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  }

  /** A name of a class or function. Throws for one that attacks use. */
  name(module: unknown, name: unknown): PickleName {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.cursor.error('a class has a name that is no text');
    }
    const named = new PickleName(moduleOf(module), name);
    if (!isDangerous(named.module, name)) return named;
    throw this.cursor.error(
      `${named.full} is named, which can run code or reach the system, and which no model needs; the file may be ` +
        'an attack (if it is your own, save the state_dict of the model alone) and is refused',
    );
  }

  /**
   * Pushes the value of a call that makes plain data or that is known to the caller, else an inert object.
   */
  call(type: unknown, args: unknown): void {
    if (!Array.isArray(args)) throw this.cursor.error('the arguments of a call are no tuple');
    // A call by an object is one by the class of that object.
    const name = type instanceof PickleObject ? type.type : type;
    if (!(name instanceof PickleName)) throw this.cursor.error('a call is not by a name');
    const count = (items: number) => this.#count(items);
    const value = plainData(name, args, count) ?? this.#hooks.call?.(name, args);
    this.make(value ?? new PickleObject(name, args));
  }

  /** Sets the state of the object below it. Plain data has none that counts. */
  build(): void {
    const state = this.pop();
    const object = this.top();
    if (object instanceof PickleObject) object.state = state;
  }

  persistent(id: unknown): void {
    const value = this.#hooks.persistent?.(id);
    if (value === undefined)
      throw this.cursor.error('data outside the pickle is referred to, which is unknown,');
    this.make(value);
  }

  /** The value of the whole pickle. */
  stop(): unknown {
    const value = this.pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) {
      throw this.cursor.error('the pickle stops with more than one value');
    }
    return value;
  }

  #require(count: number): void {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) {
      throw this.cursor.error('the pickle takes a value that is not there,');
    }
  }

  #count(objects: number): void {
    this.#objects += objects;
    if (this.#objects > MAX_OBJECTS) {
      throw this.cursor.error(`the pickle has more than ${MAX_OBJECTS} objects,`);
    }
  }
}

function isLarge(value: unknown): boolean {
  return LARGE.some((type) => value instanceof type);
}
