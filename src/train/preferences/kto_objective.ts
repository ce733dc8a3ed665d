import { sigmoid } from '../../base/logistic.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { answerBatch, rowSums } from './answer_rows.js';
import type { PreferenceBatch } from './preference_batch.js';
import { PreferenceObjective } from './preference_objective.js';

/** Numbers of KTO. */
export interface KtoNumbers {
  readonly beta: number;
  /** Weights of the losses of desirable and of undesirable answers. */
  readonly desirableWeight: number;
  readonly undesirableWeight: number;
  /** Log-probabilities under the model that the run started from: of the answer and of the mismatched one, by index. */
  readonly reference: ArrayLike<number>;
  /** Fills rows up. */
  readonly padTokenId: number;
}

/**
 * Kahneman-Tversky optimization (Ethayarajh et al. 2024): weight x (1 - sigmoid(+-(reward - z))), with + for a desirable
 * answer. z = beta x the mean over a microbatch of ln p / p of the reference for answers to other prompts, but at least 0, is an estimate
 * of the divergence from the reference, and has no gradient.
 */
export class KtoObjective extends PreferenceObjective {
  protected readonly tokenLoss = 'cross-entropy';
  readonly #numbers: KtoNumbers;
  /** z of the latest batch. */
  #point = 0;

  constructor(numbers: KtoNumbers) {
    super();
    this.#numbers = numbers;
  }

  protected override async prepare(core: TrainCore, { preferences }: PreferenceBatch): Promise<void> {
    const { beta, reference, padTokenId } = this.#numbers;
    const others = answerBatch(
      preferences.map(({ answers }) => answers[1]),
      padTokenId,
    );
    await core.evaluate(others);
    const numbers = rowSums(others, core.losses());
    const sum = preferences.reduce((sum, { index }, i) => sum + numbers[i]! - reference[2 * index + 1]!, 0);
    this.#point = beta * Math.max(0, sum / preferences.length);
  }

  protected judge({ preferences }: PreferenceBatch, numbers: readonly number[]) {
    const { beta, desirableWeight, undesirableWeight, reference } = this.#numbers;
    const point = this.#point;
    let sum = 0;
    const slopes = preferences.map(({ index, isDesirable = true }, i) => {
      const reward = beta * (numbers[i]! - reference[2 * index]!);
      const sign = isDesirable ? 1 : -1;
      const weight = isDesirable ? desirableWeight : undesirableWeight;
      const share = sigmoid(sign * (reward - point));
      const loss = weight * (1 - share);
      sum += loss;
      this.tally.addJudged(reward, isDesirable);
      return -weight * sign * beta * share * (1 - share);
    });
    return { loss: sum, slopes };
  }
}
