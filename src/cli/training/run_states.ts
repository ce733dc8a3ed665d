import { join } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { trainingStateFolder } from '../../files/folder/training_state_folder.js';
import type { TrainingStateStore } from '../../files/training_state_store.js';
import type { TrainingLoop } from '../../train/training_loop.js';
import type { TrainValues } from './flags.js';
import { checkOutFolder } from './out_folder.js';

/**
 * The training states of a run that writes to a folder, and whether the run may replace what that has. Throws
 * `invalid-option` if there are states and the run is not to resume, or if the folder may not be written to.
 */
export async function openRunStates({
  out,
  resume,
  force,
}: Pick<TrainValues, 'out' | 'resume' | 'force'>): Promise<{
  readonly store: TrainingStateStore;
  readonly mayReplace: boolean;
}> {
  const store = trainingStateFolder(join(out, 'checkpoints'));
  const unfinished = await store.latest();
  if (unfinished !== undefined && !resume) {
    const advice = '--resume continues it; delete its folder to start again';
    throw new Gpt2Error('invalid-option', `${unfinished.name} is the state of an unfinished run; ${advice}`);
  }
  const mayReplace = force === true || unfinished !== undefined;
  await checkOutFolder(out, mayReplace);
  return { store, mayReplace };
}

/** Saves the training state of a run that was interrupted. Gives the message about it. */
export async function saveInterrupted(trainer: TrainingLoop | undefined): Promise<string> {
  if (trainer === undefined || trainer.step === 0) {
    return 'interrupted before the first step; nothing was written';
  }
  await trainer.saveState();
  return `interrupted after step ${trainer.step} of ${trainer.steps}; --resume continues from there`;
}
