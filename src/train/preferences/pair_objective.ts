import { logisticLoss, sigmoid } from '../../base/logistic.js';
import type { TokenLoss } from '../../core/training/microbatch_options.js';
import type { AnswerRow } from './answer_rows.js';
import type { PreferenceBatch } from './preference_batch.js';
import { PreferenceObjective } from './preference_objective.js';

/** How answers of pairs are rewarded. */
export interface PairRewards {
  /** Loss whose sum over a row's tokens is minus the row's number. */
  readonly tokenLoss: TokenLoss;
  /** Factor of an answer's number in its reward. */
  weight(answer: AnswerRow): number;
  /** Subtracted from the numbers: two for each preference, by its index. Default 0. */
  readonly reference?: ArrayLike<number> | undefined;
  /** Margin that the rewards should have. */
  readonly gamma: number;
}

/** -ln sigmoid(reward of the chosen answer - reward of the rejected one - gamma), a loss for each pair. */
export class PairObjective extends PreferenceObjective {
  protected readonly tokenLoss: TokenLoss;
  readonly #rewards: PairRewards;

  constructor(rewards: PairRewards) {
    super();
    this.tokenLoss = rewards.tokenLoss;
    this.#rewards = rewards;
  }

  protected judge({ preferences }: PreferenceBatch, numbers: readonly number[]) {
    const { weight, reference, gamma } = this.#rewards;
    let sum = 0;
    const slopes: number[] = [];
    preferences.forEach(({ index, answers }, i) => {
      const [chosen, rejected] = answers.map((answer, side) => {
        const before = reference?.[2 * index + side] ?? 0;
        return weight(answer) * (numbers[2 * i + side]! - before);
      }) as [number, number];
      const ahead = chosen - rejected - gamma;
      const loss = logisticLoss(ahead);
      const slope = sigmoid(-ahead);
      slopes.push(-slope * weight(answers[0]), slope * weight(answers[1]));
      sum += loss;
      this.tally.addPair(chosen, rejected);
    });
    return { loss: sum, slopes };
  }
}
