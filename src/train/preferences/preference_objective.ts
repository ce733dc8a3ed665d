import type { MicrobatchOptions, TokenLoss } from '../../core/training/microbatch_options.js';
import type { TrainCore } from '../../core/training/train_core.js';
import type { Objective } from '../objective.js';
import { rowSums } from './answer_rows.js';
import type { PreferenceBatch } from './preference_batch.js';
import { type PreferenceMeasures, PreferenceTally } from './preference_measures.js';

/** A loss of preferences: a function of one number for each row, such as its answer's log-probability. */
export abstract class PreferenceObjective implements Objective {
  /** Rewards of the passes since they were taken last. */
  readonly tally = new PreferenceTally();
  /** Loss whose sum over a row's tokens is minus the row's number. */
  protected abstract readonly tokenLoss: TokenLoss;

  /**
   * The sum of a batch's losses, and its slopes by the numbers of the rows. Adds the rewards to the tally.
   */
  protected abstract judge(
    batch: PreferenceBatch,
    numbers: readonly number[],
  ): { readonly loss: number; readonly slopes: readonly number[] };

  /** Called before each pass over a batch. */
  protected async prepare(_core: TrainCore, _batch: PreferenceBatch): Promise<void> {}

  count({ preferences }: PreferenceBatch): number {
    return preferences.length;
  }

  async accumulate(core: TrainCore, batch: PreferenceBatch, options: MicrobatchOptions): Promise<number> {
    await this.prepare(core, batch);
    let sum = 0;
    const factors = (losses: Float64Array) => {
      const { loss, slopes } = this.judge(batch, rowSums(batch, losses));
      sum = loss;
      // A token's loss is minus its share of the number.
      return Float32Array.from(losses, (_, i) => -slopes[Math.floor(i / batch.length)]!);
    };
    await core.accumulate(batch, { ...options, loss: this.tokenLoss, factors });
    return sum;
  }

  async evaluate(core: TrainCore, batch: PreferenceBatch): Promise<number> {
    await this.prepare(core, batch);
    await core.evaluate(batch, this.tokenLoss);
    return this.judge(batch, rowSums(batch, core.losses())).loss;
  }

  /** Measures of the passes since the latest call. */
  measures(): Omit<PreferenceMeasures, 'loss'> | undefined {
    return this.tally.take();
  }
}
