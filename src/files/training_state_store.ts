import type { ModelSource } from './source.js';
import type { ModelTarget } from './target.js';

/** A place for the states of a training run, from which a later process resumes it. */
export interface TrainingStateStore {
  /** The newest complete state. */
  latest(): Promise<ModelSource | undefined>;
  /** Target of the state after a step. The state must appear as a whole, with `commit`. */
  target(step: number): ModelTarget;
  /** Removes all states but the one after `step`; without `step` all of them. */
  prune(step?: number): Promise<void>;
}
