import fc from 'fast-check';
import type { MapperConfig } from '../../src/architecture/clipcap/config.js';
import { MAPPER_PREFIX, storedMapperWeights } from '../../src/architecture/clipcap/parameters.js';
import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import type { Build } from '../../src/core/binary.js';
import type { Batch } from '../../src/core/training/batch.js';
import type { TrainingShape } from '../../src/core/training/shape.js';
import { TrainCore } from '../../src/core/training/train_core.js';
import { literalLosses, type Weights } from './literal_captioner.js';
import { literalMapper } from './literal_mapper.js';
import { randomSource } from './random.js';
import { decoders, randomWeights } from './random_captioners.js';

/** A GPT-2 and a mapper of its width. */
export interface PrefixedConfig {
  readonly config: ModelConfig;
  readonly prefix: MapperConfig;
}

/** Least width of a transformer. */
const LEAST_NORMED = 8;

const sizes = fc.record({
  kind: fc.constantFrom('mlp' as const, 'transformer' as const),
  features: fc.integer({ min: 1, max: 19 }),
  vectors: fc.integer({ min: 1, max: 4 }),
  innerChannels: fc.integer({ min: 1, max: 35 }),
  made: fc.integer({ min: 1, max: 4 }),
  layers: fc.integer({ min: 1, max: 2 }),
  heads: fc.integer({ min: 1, max: 3 }),
});

/** A GPT-2 with a mapper, and a seed of the weights and batches. */
export const prefixed = decoders.chain((decoder) =>
  fc.record({
    config: fc.constant<ModelConfig>({ ...decoder, crossAttention: false }),
    prefix: sizes.map(({ kind, features, vectors, innerChannels, ...own }): MapperConfig => {
      const { channels } = decoder;
      const all = { features, vectors, innerChannels, channels };
      // A mapper's norms have an epsilon of 1e-5: of few numbers, which may be nearly equal, slopes are too steep.
      if (kind === 'mlp' || channels < LEAST_NORMED) return { kind: 'mlp', ...all };
      return { kind, ...all, ...own, heads: channels % own.heads === 0 ? own.heads : 1 };
    }),
    batch: fc.integer({ min: 1, max: 3 }),
    /** Tokens after the vectors. */
    tokens: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  }),
);

/** A core that trains a GPT-2 with a mapper, both of random weights, and these weights. */
export async function randomPrefixed(
  { config, prefix }: PrefixedConfig,
  shape: Omit<TrainingShape, 'prefix'>,
  seed: number,
  build: Build = 'simd',
  threads = 1,
): Promise<{ core: TrainCore; weights: Map<string, Float64Array> }> {
  const core = await TrainCore.create({ config, build, threads, shape: { ...shape, prefix } });
  return { core, weights: randomWeights(core, seed) };
}

/** Sequences of a mapper's vectors and random tokens; about a quarter of these have no target. */
export function prefixedBatch(
  { config, prefix }: PrefixedConfig,
  batch: number,
  count: number,
  seed: number,
): Batch {
  const random = randomSource(seed);
  const P = prefix.vectors;
  const length = P + count;
  const at = (row: (t: number) => number) =>
    Array.from({ length: batch * length }, (_, i) => row(i % length));
  const draw = () => random.below(config.vocabSize);
  return {
    ...{ batch, length },
    tokens: at((t) => (t < P ? -1 : draw())),
    targets: at((t) => (t === P - 1 || (t >= P && random.below(4)) ? draw() : -1)),
    features: Float32Array.from({ length: batch * prefix.features }, () => 2 * random.uniform() - 1),
  };
}

/** A mapper's tensors by their names in a file. */
function tensorsOf(prefix: MapperConfig, weights: Weights) {
  return Object.fromEntries(
    storedMapperWeights(prefix).map(({ name, shape, parts }) => [
      name,
      { shape, values: Float64Array.from(parts.flatMap((part) => [...weights.get(part.name)!])) },
    ]),
  );
}

/**
 * The sum of a batch's losses in double precision. `activate` takes the place of ReLU in the mapper, and `moved` is added to
 * all numbers of the vectors, [B, P, C].
 */
export function literalPrefixLoss(
  { config, prefix }: PrefixedConfig,
  weights: Weights,
  { batch, length, tokens, targets, features }: Batch,
  activate?: (value: number) => number,
  moved?: Float64Array,
): number {
  const tensors = tensorsOf(prefix, weights);
  const { features: D, vectors: P, channels: C } = prefix;
  const heads = prefix.kind === 'mlp' ? 1 : prefix.heads;
  const cut = (values: ArrayLike<number>, i: number) =>
    Array.from(values).slice(i * length, (i + 1) * length);
  let sum = 0;
  for (let i = 0; i < batch; i++) {
    const flat = literalMapper(tensors, features!.subarray(i * D, (i + 1) * D), heads, activate);
    const vectors = Array.from({ length: P }, (_, p) =>
      Float64Array.from(flat.slice(p * C, (p + 1) * C), (v, c) => v + (moved?.[(i * P + p) * C + c] ?? 0)),
    );
    const losses = literalLosses({ config }, weights, {
      ...{ tokens: cut(tokens, i), targets: cut(targets, i), prefix: vectors },
    });
    for (const loss of losses) sum += loss;
  }
  return sum;
}

/** Whether a weight is the mapper's. */
export const isOfMapper = (name: string): boolean => name.startsWith(MAPPER_PREFIX);

/** A GPT-2 with a mapper, whose sizes are no multiples of panels. */
export const ODD_MLP: PrefixedConfig = {
  config: {
    ...{ vocabSize: 37, contextLength: 12, channels: 20, layers: 2, heads: 4, innerChannels: 27 },
    ...{ activation: 'gelu-tanh', layerNormEpsilon: 1e-5, scaleAttention: true },
    ...{ scaleAttentionByInverseLayer: false, tiedHead: true, eosTokenIds: [0], bosTokenId: undefined },
  },
  prefix: { kind: 'mlp', features: 7, vectors: 3, channels: 20, innerChannels: 33 },
};

/** The same with a transformer. */
export const ODD_TRANSFORMER: PrefixedConfig = {
  config: ODD_MLP.config,
  prefix: {
    ...{ kind: 'transformer', features: 7, vectors: 3, channels: 20, innerChannels: 33 },
    ...{ made: 2, layers: 2, heads: 2 },
  },
};
