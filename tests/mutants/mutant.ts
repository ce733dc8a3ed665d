/** A small change of one place in a source file. */
export interface Mutant {
  /** Path from the root of the project, with slashes. */
  readonly file: string;
  /** Place among all mutants of the run, which is the number that instrumented code reports. */
  readonly id: number;
  /** From 1. */
  readonly line: number;
  /** Characters of the file that `replacement` takes the place of. */
  readonly start: number;
  readonly end: number;
  /** Kind of the change, as StrykerJS calls it. */
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

/**
 * - `killed`: a suite failed
 * - `timeout`: a suite took several times longer than it does
 * - `survived`: all suites that run the place passed
 * - `no test`: no suite runs the place
 * - `equivalent`: listed in equivalent.ts
 * - `invalid`: the changed file does not compile
 */
export type Outcome = 'killed' | 'timeout' | 'survived' | 'no test' | 'equivalent' | 'invalid';

/** Files that a process reads instead of others, by URL. */
export type Swaps = Readonly<Record<string, string>>;
