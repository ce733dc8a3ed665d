import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { isFloat32Array } from '../../base/float_array.js';
import type { PrefixOptions } from './options.js';

/** How a mapper is loaded. */
export interface MapperOptions extends PrefixOptions {
  /** Attention heads of a transformer: a divisor of the width, which the file does not say. ClipCap has 8, the default. */
  readonly heads?: number | undefined;
  /** The build of the core that computes a transformer; see `loadModel`. */
  readonly build?: 'auto' | 'simd' | 'relaxed' | undefined;
  /** Threads that compute a transformer; see `loadModel`. */
  readonly threads?: 'auto' | number | undefined;
}

/** How features are mapped. */
export interface MapOptions {
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes the vectors before a text from the features of an image, a sound or anything else. */
export interface Mapper {
  /** D: numbers that it takes. */
  readonly features: number;
  /** P: vectors that it makes. */
  readonly vectors: number;
  /** C: their width, that of the model. */
  readonly channels: number;
  /**
   * The vectors [P, C], row-major, for D features, such as the embedding that CLIP gives of an image. They come
   * before a text: `model.generate({ embeddings, text })`. Throws `invalid-option` for features of another number or
   * not finite, `aborted`, `disposed`, and `runtime` if the vectors are not finite.
   */
  map(features: Float32Array, options?: MapOptions): Promise<Float32Array<ArrayBuffer>>;
  /** Gives the memory back; every later call of `map` throws `disposed`. */
  dispose(): void;
}

/** The work in messages. */
export const MAPPING = 'mapping features';

/** Checks the arguments of `map`. Throws `invalid-option`. */
export function checkFeatures(features: unknown, count: number, options: MapOptions): void {
  checkOptionNames('map', options, ['signal']);
  const name = 'features';
  if (!isFloat32Array(features) || features.length !== count) {
    const found = isFloat32Array(features) ? `${features.length} numbers` : features;
    throw invalidOption(name, found, `a Float32Array of ${count} numbers`);
  }
  if (!areFinite(features))
    throw new Gpt2Error('invalid-option', `${name} has a number that is NaN or infinite`);
}

/** Throws `runtime` if numbers have overflowed. */
export function checkMapped(vectors: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (areFinite(vectors)) return vectors;
  throw new Gpt2Error(
    'runtime',
    'the mapper computed numbers that are NaN or infinite: 32-bit numbers overflow on the way',
  );
}
