import type { Undisturbed } from './undisturbed.js';

/** One fault, in one run of a command. */
export interface Case {
  /** When it happens, in words. */
  readonly when: string;
  /** Lets it happen. Returns what is wrong afterwards. */
  run(): Promise<string | undefined>;
}

/** The faults of one kind that can happen to a command. `count`: how many to draw, if their number is not given by the command. */
export type Kind = (run: Undisturbed, options: KindOptions) => Iterable<Case>;

export interface KindOptions {
  readonly count: number;
  /** A number in [0, 1), from the seed. */
  random(): number;
}
