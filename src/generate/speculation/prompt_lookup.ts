import { draftLength, MOST_DRAFTS } from './draft_length.js';
import { HitRate, recordHits } from './hit_rate.js';
import { type DraftLimits, Speculator } from './speculator.js';

/** Repetitions are compared so far. */
const LONGEST = 16;

/** The share of right drafts after a repetition of `least` tokens or more, until it is known. */
const GUESSES = [
  { least: 9, share: 0.85 },
  { least: 5, share: 0.65 },
  { least: 3, share: 0.45 },
  { least: 2, share: 0.25 },
  { least: 1, share: 0.1 },
];
/** Observations that such a guess counts for. */
const GUESS_WEIGHT = 2;

/** A place that follows the same tokens as the end of a text. */
interface Repetition {
  /** The index after the earlier occurrence. */
  readonly next: number;
  /** How many tokens are the same. */
  readonly length: number;
}

/**
 * Drafts what followed the last tokens where the text had them before ("prompt lookup decoding", Saxena 2023):
 * after the longest repetition, of equal ones the latest. It learns how often that is right also while it
 * drafts nothing.
 */
export class PromptLookup extends Speculator {
  readonly #rates = GUESSES.map(({ least, share }) => ({ least, rate: new HitRate(share, GUESS_WEIGHT) }));
  /** Length of the repetition before the latest guesses, which are what is drafted if it pays. */
  #length = 0;
  #guesses: readonly number[] = [];

  async draft(tokens: readonly number[], { most }: DraftLimits): Promise<readonly number[]> {
    const found = longestRepetition(tokens);
    this.#length = found.length;
    this.#guesses = found.length === 0 ? [] : followers(tokens, found.next, MOST_DRAFTS);
    const chances = this.#guesses.slice(0, most).map((_, i) => this.#rate(i).value);
    return this.#guesses.slice(0, draftLength(this.expectedMs, chances, this.otherRows, 0));
  }

  override learn(drawn: readonly number[], drafts: readonly number[]): void {
    super.learn(drawn, drafts);
    recordHits(drawn, this.#guesses, (i) => this.#rate(i));
  }

  /** The rate of guess i, if those before it are right. */
  #rate(i: number): HitRate {
    return this.#rates.find(({ least }) => least <= this.#length + i)!.rate;
  }
}

function longestRepetition(tokens: readonly number[]): Repetition {
  const end = tokens.length;
  let best: Repetition = { next: end, length: 0 };
  for (let next = end - 1; next > 0 && best.length < LONGEST; next--) {
    let length = 0;
    while (length < Math.min(next, LONGEST) && tokens[next - 1 - length] === tokens[end - 1 - length])
      length++;
    if (length > best.length) best = { next, length };
  }
  return best;
}

/** `count` tokens from index `next` on, as if the text after it went on repeating. */
function followers(tokens: readonly number[], next: number, count: number): number[] {
  const period = tokens.length - next;
  return Array.from({ length: count }, (_, i) => tokens[next + (i % period)]!);
}
