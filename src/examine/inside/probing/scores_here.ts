import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import type { StatePosition } from '../states_here.js';
import type { LayerProbe } from './results.js';
import { outputsOf } from './ridge.js';
import { stateTables } from './state_tables.js';

/** What `applyProbe` passes on, checked. */
export interface ProbeScoresArgs {
  readonly texts: readonly (string | readonly number[])[];
  readonly layer: number;
  readonly position: StatePosition;
  readonly weights: LayerProbe['weights'];
  readonly intercepts: readonly number[];
}

/** The outputs of a probe for texts, in the thread of the model; see `applyProbe`. */
export async function probeScoresHere(model: Model, args: ProbeScoresArgs, work: Work): Promise<number[][]> {
  const { texts, layer, position, weights, intercepts } = args;
  const { channels } = model.config;
  const [states] = await stateTables(model, texts, [layer], position, work);
  return texts.map((_, row) =>
    outputsOf({ weights: weights.data, intercepts }, states!.subarray(row * channels, (row + 1) * channels)),
  );
}
