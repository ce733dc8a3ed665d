// For tests/mutants/, which is TypeScript.
export function allSuites(): string[];
export function named(words: readonly string[]): string[];
