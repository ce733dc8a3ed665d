import type { Expression } from '../../expressions/expression.js';

/** Some names of properties: those listed and those that a pattern matches; or with `isExcept` all others. */
export interface KeySet {
  readonly isExcept: boolean;
  readonly names: ReadonlySet<string>;
  /** Texts in which names must be. */
  readonly patterns: readonly Expression[];
}

export function named(...names: readonly string[]): KeySet {
  return { isExcept: false, names: new Set(names), patterns: [] };
}

export function matching(pattern: Expression): KeySet {
  return { isExcept: false, names: new Set(), patterns: [pattern] };
}

export function except(names: Iterable<string>, patterns: readonly Expression[]): KeySet {
  return { isExcept: true, names: new Set(names), patterns };
}

/** The only name of a set; undefined if it has several or none. */
export function onlyName({ isExcept, names, patterns }: KeySet): string | undefined {
  return isExcept || patterns.length > 0 || names.size !== 1 ? undefined : [...names][0];
}

export function hasKey(set: KeySet, name: string): boolean {
  const isListed = set.names.has(name) || set.patterns.some((pattern) => matches(pattern, name));
  return isListed !== set.isExcept;
}

export function keySetKey({ isExcept, names, patterns }: KeySet): string {
  return `${isExcept ? '!' : ''}${JSON.stringify([...names].sort())}${patterns.map(({ id }) => id).sort((a, b) => a - b)}`;
}

export function matches(language: Expression, text: string): boolean {
  return language.after(new TextEncoder().encode(text)).isNullable;
}

/** Sets of names with what belongs to them, to find those that contain a name without looking at all. */
export class KeySetIndex<Value> {
  readonly #byName = new Map<string, Value[]>();
  readonly #others: { readonly keys: KeySet; readonly value: Value }[] = [];

  add(keys: KeySet, value: Value): void {
    const name = onlyName(keys);
    if (name === undefined) {
      this.#others.push({ keys, value });
      return;
    }
    const values = this.#byName.get(name) ?? [];
    values.push(value);
    this.#byName.set(name, values);
  }

  /** What belongs to the sets that contain a name. */
  of(name: string): Value[] {
    const others = this.#others.filter(({ keys }) => hasKey(keys, name));
    return [...(this.#byName.get(name) ?? []), ...others.map(({ value }) => value)];
  }
}
