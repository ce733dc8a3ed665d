import { invalidOption, quotedList } from '../../../base/check_options.js';
import { areFinite } from '../../../base/finite.js';
import { isFloat32Array } from '../../../base/float_array.js';
import { STATE_POSITIONS } from '../states_here.js';
import type { SteeringVector } from './results.js';

const HOOK = /^blocks\.(0|[1-9]\d{0,4})\.hook_resid_post$/;

/** Throws `invalid-option` for anything but what `steeringVector` gives. */
export function checkVector(given: unknown): asserts given is SteeringVector {
  const right = 'a vector of steeringVector';
  if (typeof given !== 'object' || given === null) throw invalidOption('vector', given, right);
  const { hook, vector, position, norm, residualNorm, positive, negative } = given as Partial<SteeringVector>;
  if (typeof hook !== 'string' || !HOOK.test(hook)) {
    throw invalidOption(
      'hook',
      hook,
      "the residual stream after a layer, such as 'blocks.6.hook_resid_post'",
    );
  }
  if (!isFloat32Array(vector) || vector.length === 0 || !areFinite(vector)) {
    throw invalidOption('vector', vector, 'a Float32Array of finite numbers');
  }
  if (!STATE_POSITIONS.includes(position!)) {
    throw invalidOption('position', position, quotedList(STATE_POSITIONS));
  }
  for (const [name, length] of Object.entries({ norm, residualNorm })) {
    if (!(Number.isFinite(length) && length! >= 0)) throw invalidOption(name, length, 'a number from 0');
  }
  for (const [name, count] of Object.entries({ positive, negative })) {
    if (!(Number.isSafeInteger(count) && count! >= 1)) throw invalidOption(name, count, 'a number of texts');
  }
}

/** The Euclidean length. */
export function lengthOf(vector: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  return Math.sqrt(squares);
}
