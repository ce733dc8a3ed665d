import type { LoraPair } from '../../architecture/gpt2/lora.js';
import type { ParameterChange } from './changes/change.js';

/** An adapter as it was read: the changes of each parameter, by the parameter's name. */
export interface Adapter {
  /** Low-rank sums, which a core can also compute beside the weights of some matrices. */
  readonly pairs: ReadonlyMap<string, LoraPair>;
  /** All other changes, which can only be merged. */
  readonly others?: ReadonlyMap<string, readonly ParameterChange[]>;
  /** Tensors of heads for other tasks by their names, `score.weight`. */
  readonly heads?: ReadonlyMap<string, HeadTensor>;
}

/** A tensor of a head for another task. */
export interface HeadTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** An adapter and the factor of its changes. */
export interface WeightedChanges {
  readonly adapter: Adapter;
  readonly weight: number;
}
