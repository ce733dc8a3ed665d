import { Gpt2Error } from '../../base/errors.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { checkedSource } from '../../files/checked_source.js';
import { openTrainingStateStore } from '../../files/platform.js';
import type { ModelSource } from '../../files/source.js';
import type { TrainingStateStore } from '../../files/training_state_store.js';
import { type RunIdentity, type RunState, restoredState } from './run_state.js';
import { type BestWeights, readStateFile, readTensors } from './training_state.js';

/** A saved training state whose numbers are not in the core yet. */
export interface SavedState {
  readonly source: ModelSource;
  /** The content of its state file. */
  readonly stored: Readonly<Record<string, unknown>>;
}

/** Where a run keeps its training states, and the newest of them. */
export interface RunStates {
  readonly store: TrainingStateStore | undefined;
  /** The one to resume. */
  readonly newest: ModelSource | undefined;
}

/**
 * The training states of a run. Throws `invalid-option` if there is one and the run is not to resume it.
 */
export async function openStates({
  checkpoints,
  resume,
}: {
  readonly checkpoints?: string | TrainingStateStore | undefined;
  readonly resume: boolean;
}): Promise<RunStates> {
  const store = typeof checkpoints === 'string' ? openTrainingStateStore(checkpoints) : checkpoints;
  const latest = await store?.latest();
  if (latest === undefined) return { store, newest: undefined };
  const source = checkedSource(latest);
  if (resume) return { store, newest: source };
  throw new Gpt2Error(
    'invalid-option',
    `${source.name} is the training state of a run that has not ended; resume it, or remove it to start anew`,
  );
}

/** Reads the small file of a training state. Throws `invalid-file`. */
export async function openState(source: ModelSource): Promise<SavedState> {
  return { source, stored: await readStateFile(source) };
}

/**
 * Puts the weights and moments of a saved state into the core. Throws `invalid-option` if it is the state of
 * another run, and `invalid-file`.
 */
export async function restoreState(
  { source, stored }: SavedState,
  core: TrainCore,
  identity: RunIdentity,
): Promise<{ readonly state: RunState; readonly best: BestWeights | undefined }> {
  const state = restoredState(stored, identity, source.name);
  return { state, best: await readTensors(source, core) };
}
