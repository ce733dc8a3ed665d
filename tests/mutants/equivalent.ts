import type { Mutant } from './mutant.js';

interface Equivalent extends Pick<Mutant, 'file' | 'original' | 'replacement'> {
  readonly reason: string;
}

/** Mutants that compute the same as the code, found by hand among those that survived. */
const EQUIVALENT: readonly Equivalent[] = [];

export function isEquivalent(mutant: Mutant): boolean {
  return EQUIVALENT.some(
    ({ file, original, replacement }) =>
      file === mutant.file && original === mutant.original && replacement === mutant.replacement,
  );
}
