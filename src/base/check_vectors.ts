import { invalidOption } from './check_options.js';
import { Gpt2Error } from './errors.js';
import { isFloat32Array } from './float_array.js';

/** Throws `invalid-option` unless this has finite numbers of whole vectors of a model's width. */
export function checkVectors(
  name: string,
  vectors: unknown,
  channels: number,
): asserts vectors is Float32Array<ArrayBuffer> {
  if (!isFloat32Array(vectors)) throw invalidOption(name, vectors, 'a Float32Array');
  if (vectors.length % channels !== 0) {
    const message = `${name} has ${vectors.length} numbers; it must have a multiple of ${channels}, the width of the model`;
    throw new Gpt2Error('invalid-option', message);
  }
  const wrong = vectors.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw invalidOption(`${name}[${wrong}]`, vectors[wrong], 'a finite number');
}
