import { Gpt2Error, modelDisposed } from '../../base/errors.js';
import { tanh } from '../../base/tanh.js';
import { mapperConfig } from '../../checkpoints/clipcap/mapper_config.js';
import type { MapperFile } from '../../checkpoints/clipcap/mapper_file.js';
import type { MlpShape } from '../../checkpoints/clipcap/mapper_shape.js';
import {
  checkFeatures,
  checkMapped,
  MAPPING,
  type MapOptions,
  type Mapper,
  type MapperOptions,
} from './mapper.js';
import { type Linear, product } from './product.js';
import { readLinear } from './read_linear.js';

/** Loads a mapper of two matrices. Throws `invalid-option` if nothing says the width of the model. */
export async function loadMlpMapper(
  file: MapperFile,
  shape: MlpShape,
  options: MapperOptions,
): Promise<Mapper> {
  const { features, outputs } = shape;
  const channels = file.channels ?? options.model?.config.channels;
  if (channels === undefined) {
    throw new Gpt2Error(
      'invalid-option',
      `${file.path} of ${file.source.name} gives ${outputs} numbers and has no GPT-2 that says the width of a vector; give the option model`,
    );
  }
  const { vectors } = mapperConfig(file, shape, channels);
  const matrices = [
    await readLinear(file, 'model.0', options.signal),
    await readLinear(file, 'model.2', options.signal),
  ];
  return new MlpMapper(features, vectors, channels, matrices as [Linear, Linear]);
}

class MlpMapper implements Mapper {
  readonly features: number;
  readonly vectors: number;
  readonly channels: number;
  #matrices: readonly [Linear, Linear] | undefined;

  constructor(features: number, vectors: number, channels: number, matrices: readonly [Linear, Linear]) {
    this.features = features;
    this.vectors = vectors;
    this.channels = channels;
    this.#matrices = matrices;
  }

  async map(features: Float32Array, options: MapOptions = {}) {
    checkFeatures(features, this.features, options);
    const { signal } = options;
    if (this.#matrices === undefined) throw modelDisposed();
    const [first, second] = this.#matrices;
    const hidden = (await product(first, features, MAPPING, signal)).map(tanh);
    return checkMapped(await product(second, hidden, MAPPING, signal));
  }

  dispose(): void {
    this.#matrices = undefined;
  }
}
