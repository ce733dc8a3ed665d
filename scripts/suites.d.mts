// For tests/mutants/, which is TypeScript.
export function allSpecs(): string[];
export function allSuites(): string[];
export function named(words: readonly string[]): string[];
