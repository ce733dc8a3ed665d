import { checkNumber, finite } from '../../../base/check_number.js';
import { checkOptionNames } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { areFinite } from '../../../base/finite.js';
import type { Edit } from '../../../core/hooks/edit.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel } from '../../run_operation.js';
import { checkVector } from './checked_vector.js';
import type { SteeringVector } from './results.js';

/** How a direction is added. */
export interface SteerOptions extends Pick<Edit, 'positions'> {
  /** The vector is multiplied by this; negative numbers steer the other way. Default: 1. */
  readonly strength?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  strength: true,
  positions: true,
} satisfies Record<keyof SteerOptions, true>);

/**
 * The edit that adds a direction to the residual stream, for `trace`, `generate`, `score` and the other calls that take
 * edits. Throws `invalid-option`, also for a vector of a model with another number of channels or fewer layers.
 */
export function steer(model: AnyModel, vector: SteeringVector, options: SteerOptions = {}): Edit {
  checkModel(model);
  checkVector(vector);
  checkOptionNames('steer', options, OPTION_NAMES);
  const { strength = 1, positions = 'all' } = options;
  checkNumber('strength', strength, finite);
  const { channels, layers } = model.config;
  const layer = Number(vector.hook.split('.')[1]);
  if (vector.vector.length !== channels || layer >= layers) {
    throw new Gpt2Error(
      'invalid-option',
      `the vector is for layer ${layer} of a model with ${vector.vector.length} channels; this one has ` +
        `${layers} layers, from 0, and ${channels} channels`,
    );
  }
  const value = vector.vector.map((number) => number * strength);
  if (!areFinite(value)) {
    throw new Gpt2Error('invalid-option', `strength ${strength} makes numbers that 32 bits do not hold`);
  }
  return { hook: vector.hook, positions, op: 'add', value };
}
