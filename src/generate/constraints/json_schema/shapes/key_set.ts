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
  let state = language;
  for (const byte of new TextEncoder().encode(text)) state = state.step(byte);
  return state.isNullable;
}
