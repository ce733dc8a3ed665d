import type { StatePosition } from '../states_here.js';

/** A direction in the residual stream of a model. */
export interface SteeringVector {
  /** The hook where it was read and is added, `blocks.L.hook_resid_post`. */
  readonly hook: string;
  /** The mean of the positive texts less that of the negative ones, [channels]. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** Its Euclidean length. */
  readonly norm: number;
  /** The mean length of what was read from all texts, to compare `norm` with. */
  readonly residualNorm: number;
  /** Of which tokens of a text it was read. */
  readonly position: StatePosition;
  /** How many texts there were. */
  readonly positive: number;
  /** How many texts there were. */
  readonly negative: number;
}
