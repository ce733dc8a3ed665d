import type { LoopRun } from '../loop_run.js';
import { TrainingLoop } from '../training_loop.js';
import type { PreferenceMeasures } from './preference_measures.js';
import type { PreferenceObjective } from './preference_objective.js';

/** The steps of a run on preferences. */
export abstract class PreferenceLoop extends TrainingLoop {
  readonly #objective: PreferenceObjective;

  protected constructor(run: LoopRun & { readonly objective: PreferenceObjective }) {
    super(run);
    this.#objective = run.objective;
  }

  /**
   * Loss, accuracy and margin of the held-out preferences, of the weights that `save` would write; undefined without
   * any. Throws as `evaluate` does.
   */
  async measures(): Promise<PreferenceMeasures | undefined> {
    return this.atBest(async () => {
      this.#objective.measures();
      const loss = await this.evaluate();
      const measures = this.#objective.measures();
      return loss === undefined ? undefined : { ...measures!, loss };
    });
  }
}
