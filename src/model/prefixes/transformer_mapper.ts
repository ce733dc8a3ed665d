import type { EncoderConfig } from '../../architecture/vit/config.js';
import { encoderParameters } from '../../architecture/vit/parameters.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { throwIfAborted } from '../../base/errors.js';
import { startedEarly } from '../../base/started_early.js';
import type { WeightTensor } from '../../checkpoints/checkpoint.js';
import type { MapperFile } from '../../checkpoints/clipcap/mapper_file.js';
import type { TransformerShape } from '../../checkpoints/clipcap/mapper_shape.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { byteLengthOf } from '../../checkpoints/match.js';
import { checkBuild, chooseBuild } from '../../core/binary.js';
import { EncoderCore } from '../../core/encoder/encoder_core.js';
import { planThreads } from '../../core/threads/plan.js';
import type { Dtype } from '../../dtypes/tensor_types.js';
import { checkFeatures, MAPPING, type MapOptions, type Mapper, type MapperOptions } from './mapper.js';
import { type Linear, product } from './product.js';
import { readLinear, readNumbers } from './read_linear.js';

/** Heads of each mapper of ClipCap, whatever its width. */
const HEADS = 8;

/** Loads a mapper whose layers are those of an image encoder, without its embedding and its final norm. */
export async function loadTransformerMapper(
  file: MapperFile,
  shape: TransformerShape,
  { heads = HEADS, build = 'auto', threads = 'auto', signal }: MapperOptions,
): Promise<Mapper> {
  const { channels } = shape;
  checkNumber('heads', heads, whole(1));
  if (channels % heads !== 0)
    throw invalidOption('heads', heads, `a divisor of ${channels}, the width of the mapper`);
  checkBuild(build);
  const config = encoderConfig(shape, heads);
  const tensors = layerTensors(file, config);
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

/** An encoder with as many states as the mapper has vectors; its images are never used. */
function encoderConfig(
  { channels, layers, innerChannels, made, vectors }: TransformerShape,
  heads: number,
): EncoderConfig {
  return {
    ...{ channels, layers, heads, innerChannels, activation: 'relu', layerNormEpsilon: 1e-5 },
    ...{ imageSize: [made + vectors - 1, 1], patchSize: [1, 1], imageChannels: 1, classTokens: 1 },
    ...{ qkvBias: false, outputChannels: undefined },
  };
}

/** The encoder's names of a layer's parameters, with those of the mapper. */
const NAMES: Readonly<Record<string, string>> = {
  'layernorm_before.weight': 'norm1.weight',
  'layernorm_before.bias': 'norm1.bias',
  'attention.attention.query.weight': 'attn.to_queries.weight',
  'attention.attention.key.weight': 'attn.to_keys_values.weight',
  'attention.attention.value.weight': 'attn.to_keys_values.weight',
  'attention.output.dense.weight': 'attn.project.weight',
  'attention.output.dense.bias': 'attn.project.bias',
  'layernorm_after.weight': 'norm2.weight',
  'layernorm_after.bias': 'norm2.bias',
  'intermediate.dense.weight': 'mlp.fc1.weight',
  'intermediate.dense.bias': 'mlp.fc1.bias',
  'output.dense.weight': 'mlp.fc2.weight',
  'output.dense.bias': 'mlp.fc2.bias',
};

/** The stored tensor, or half of one, of each parameter of the layers. */
function layerTensors(file: MapperFile, config: EncoderConfig): Map<string, WeightTensor> {
  const tensors = new Map<string, WeightTensor>();
  for (const parameter of encoderParameters(config)) {
    const [, layer, rest] = /^encoder\.layer\.(\d+)\.(.+)$/.exec(parameter.name) ?? [];
    if (layer === undefined) continue;
    const stored = file.tensors.get(`transformer.layers.${layer}.${NAMES[rest!]}`)!;
    const middle = (stored.start + stored.end) / 2;
    // Keys are the first half of the rows, values the second.
    const start = rest!.includes('.value.') ? middle : stored.start;
    const end = rest!.includes('.key.') ? middle : stored.end;
    tensors.set(parameter.name, { ...stored, dtype: stored.dtype as Dtype, parameter, start, end });
  }
  return tensors;
}
