import { partitionPoint } from '../../../base/partition_point.js';
import type { CodePointSet } from '../../../generate/constraints/expressions/code_points.js';

/** A loop of an expression. */
export interface ChainedLoop {
  /** All that it reads. */
  readonly characters: CodePointSet;
  /** All that may come next when it ends. */
  readonly follows: CodePointSet;
  /** Indices of later loops that can begin within a text that this one can read. */
  readonly then: readonly number[];
}

/** Tells how often a backtracking matcher may try a text: `a*a*a*b` divides each run of a in all ways among its loops. */
export class LoopChains {
  readonly #parts: readonly (readonly ChainedLoop[])[];

  /** `parts`: the loops of an expression, and of each assertion in it. */
  constructor(parts: readonly (readonly ChainedLoop[])[]) {
    this.#parts = parts;
  }

  /** About how many characters are read at most to find all matches in a text. */
  mostSteps(text: string): number {
    return this.#parts.reduce((steps, part) => steps * longestChain(part, text), Math.max(1, text.length));
  }
}

/** The largest product, over loops that go on in what another can read, of the places where these can end. */
function longestChain(loops: readonly ChainedLoop[], text: string): number {
  const known: number[] = [];
  const from = (at: number): number => {
    known[at] ??= stepsOf(loops[at]!);
    return known[at];
  };
  const stepsOf = ({ characters, follows, then }: ChainedLoop) => {
    const { longest } = placesOf(characters, text);
    const ends = Math.min(longest, placesOf(follows, text).count);
    return then.reduce((most, next) => Math.max(most, ends * from(next)), longest);
  };
  return loops.reduce((most, _, at) => Math.max(most, from(at)), 1);
}

/** How many characters of a text are in a set, and how many of these are in a row at most. */
function placesOf(
  characters: CodePointSet,
  text: string,
): { readonly count: number; readonly longest: number } {
  let [count, longest, run] = [0, 0, 0];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const range = characters[partitionPoint(0, characters.length, (at) => characters[at]![1] < code)];
    if (range === undefined || range[0] > code) {
      run = 0;
      continue;
    }
    count++;
    longest = Math.max(longest, ++run);
  }
  return { count, longest };
}
