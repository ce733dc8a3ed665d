import { mapperEncoder, mapperName } from '../../architecture/clipcap/as_encoder.js';
import type { TransformerMapperConfig } from '../../architecture/clipcap/config.js';
import type { EncoderConfig } from '../../architecture/vit/config.js';
import { encoderParameters } from '../../architecture/vit/parameters.js';
import { throwIfAborted } from '../../base/errors.js';
import { startedEarly } from '../../base/started_early.js';
import type { WeightTensor } from '../../checkpoints/checkpoint.js';
import { mapperConfig } from '../../checkpoints/clipcap/mapper_config.js';
import type { MapperFile } from '../../checkpoints/clipcap/mapper_file.js';
import type { TransformerShape } from '../../checkpoints/clipcap/mapper_shape.js';
import { mapperTensors } from '../../checkpoints/clipcap/mapper_tensors.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { byteLengthOf } from '../../checkpoints/match.js';
import { checkBuild, chooseBuild } from '../../core/binary.js';
import { EncoderCore } from '../../core/encoder/encoder_core.js';
import { planThreads } from '../../core/threads/plan.js';
import { checkFeatures, MAPPING, type MapOptions, type Mapper, type MapperOptions } from './mapper.js';
import { type Linear, product } from './product.js';
import { readLinear, readNumbers } from './read_linear.js';

/** Loads a mapper whose layers are those of an image encoder, without its embedding and its final norm. */
export async function loadTransformerMapper(
  file: MapperFile,
  shape: TransformerShape,
  { heads, build = 'auto', threads = 'auto', signal }: MapperOptions,
): Promise<Mapper> {
  const mapper = mapperConfig(file, shape, shape.channels, heads) as TransformerMapperConfig;
  checkBuild(build);
  const config = mapperEncoder(mapper);
  const tensors = layerTensors(file, mapper, config);
  const totalBytes = byteLengthOf(tensors);
  const core = await EncoderCore.create({
    ...{ config, build: chooseBuild(build, 'f32'), weights: 'f32' },
    threads: planThreads(threads, totalBytes),
  });
  try {
    const started = startedEarly(core.startThreads());
    await loadWeights({ source: file.source, tensors, totalBytes }, core.loader, { signal });
    const made = await readLinear(file, 'linear', signal);
    const learned = await readNumbers(file, 'prefix_const', signal);
    await started;
    throwIfAborted(signal, 'loading the mapper');
    return new TransformerMapper(shape, core, made, learned);
  } catch (error) {
    core.dispose();
    throw error;
  }
}

class TransformerMapper implements Mapper {
  readonly features: number;
  readonly vectors: number;
  readonly channels: number;
  readonly #core: EncoderCore;
  readonly #made: Linear;
  /** [P, C] */
  readonly #learned: Float32Array;

  constructor(
    { features, vectors, channels }: TransformerShape,
    core: EncoderCore,
    made: Linear,
    learned: Float32Array,
  ) {
    this.features = features;
    this.vectors = vectors;
    this.channels = channels;
    this.#core = core;
    this.#made = made;
    this.#learned = learned;
  }

  async map(features: Float32Array, options: MapOptions = {}) {
    checkFeatures(features, this.features, options);
    const { signal } = options;
    const made = await product(this.#made, features, MAPPING, signal);
    const states = new Float32Array(made.length + this.#learned.length);
    states.set(made);
    states.set(this.#learned, made.length);
    return (await this.#core.transform(states, signal)).slice(made.length);
  }

  dispose(): void {
    this.#core.dispose();
  }
}

/** The stored tensor, or half of one, of each parameter of the layers, by the encoder's names. */
function layerTensors(
  file: MapperFile,
  config: TransformerMapperConfig,
  encoder: EncoderConfig,
): Map<string, WeightTensor> {
  const stored = mapperTensors(file, config);
  const tensors = new Map<string, WeightTensor>();
  for (const parameter of encoderParameters(encoder)) {
    const name = mapperName(parameter.name);
    if (name !== undefined) tensors.set(parameter.name, { ...stored.get(name)!, parameter });
  }
  return tensors;
}
