import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import { readStates, type StatePosition } from '../states_here.js';
import { lengthOf } from './checked_vector.js';
import type { SteeringVector } from './results.js';

/** What `steeringVector` passes on, checked. */
export interface SteeringArgs {
  readonly positive: readonly (string | readonly number[])[];
  readonly negative: readonly (string | readonly number[])[];
  readonly hook: string;
  readonly position: StatePosition;
}

/** Makes a direction in the thread of the model; see `steeringVector`. */
export async function steeringHere(model: Model, args: SteeringArgs, work: Work): Promise<SteeringVector> {
  const { positive, negative, hook, position } = args;
  const difference = new Float64Array(model.config.channels);
  let lengths = 0;
  const texts = [...positive, ...negative];
  await readStates(model, texts, { hooks: [hook], position }, work, (text, _, state) => {
    const share = text < positive.length ? 1 / positive.length : -1 / negative.length;
    for (let c = 0; c < state.length; c++) difference[c]! += share * state[c]!;
    lengths += lengthOf(state);
  });
  const vector = Float32Array.from(difference);
  return {
    ...{ hook, vector, position, norm: lengthOf(vector), residualNorm: lengths / texts.length },
    ...{ positive: positive.length, negative: negative.length },
  };
}
