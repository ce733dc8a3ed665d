/** How well preferences are met. */
export interface PreferenceMeasures {
  /** Pairs, or judged answers. */
  readonly examples: number;
  /** Mean loss; in nats, but for `kto`. */
  readonly loss: number;
  /**
   * Share of pairs whose chosen answer has the larger reward. Of judged answers, the same for all pairs of a desirable
   * and an undesirable one; undefined without both. Equal rewards count half: with `dpo` and `kto`, a model that was not
   * trained yet has 0.5.
   */
  readonly accuracy?: number;
  /** Mean reward of chosen or desirable answers minus that of the others; undefined without both. */
  readonly margin?: number;
}

/** Collects rewards of better and of worse answers. */
export class PreferenceTally {
  #examples = 0;
  /** Sum of the shares of compared pairs, and their number. */
  #right = 0;
  #pairs = 0;
  #good: number[] = [];
  #bad: number[] = [];

  /** Adds the rewards of a chosen and of a rejected answer. */
  addPair(chosen: number, rejected: number): void {
    this.#examples++;
    this.#compare(chosen, rejected);
    this.#good.push(chosen);
    this.#bad.push(rejected);
  }

  /** Adds the reward of a judged answer. */
  addJudged(reward: number, isDesirable: boolean): void {
    this.#examples++;
    (isDesirable ? this.#good : this.#bad).push(reward);
  }

  /** The measures of all that was added since the latest call; undefined if nothing was. */
  take(): Omit<PreferenceMeasures, 'loss'> | undefined {
    const [examples, good, bad] = [this.#examples, this.#good, this.#bad];
    if (examples === 0) return undefined;
    if (this.#pairs === 0) {
      this.#pairs = good.length * bad.length;
      this.#right = rightPairs(good, bad);
    }
    const accuracy = this.#right / this.#pairs;
    const measures = {
      examples,
      ...(this.#pairs > 0 && { accuracy, margin: meanOf(good) - meanOf(bad) }),
    };
    this.#examples = this.#right = this.#pairs = 0;
    this.#good = [];
    this.#bad = [];
    return measures;
  }

  #compare(better: number, worse: number): void {
    this.#pairs++;
    this.#right += better > worse ? 1 : better === worse ? 0.5 : 0;
  }
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Number of pairs, one of each list, in which the better number is larger; equal ones count half (Mann and Whitney 1947). */
function rightPairs(better: readonly number[], worse: readonly number[]): number {
  const sorted = Float64Array.from(worse).sort();
  let below = 0;
  let atMost = 0;
  let right = 0;
  for (const number of Float64Array.from(better).sort()) {
    while (sorted[below]! < number) below++;
    while (sorted[atMost]! <= number) atMost++;
    right += (below + atMost) / 2;
  }
  return right;
}
