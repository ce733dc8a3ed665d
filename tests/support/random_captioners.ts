import fc from 'fast-check';
import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import type { EncoderConfig } from '../../src/architecture/vit/config.js';
import type { Build } from '../../src/core/binary.js';
import type { Batch } from '../../src/core/training/batch.js';
import type { TrainingShape } from '../../src/core/training/shape.js';
import { TrainCore } from '../../src/core/training/train_core.js';
import { sizeOfGrid } from './encoder_shapes.js';
import { type Captioned, type CaptionerConfig, literalLosses, type Weights } from './literal_captioner.js';
import { randomSource } from './random.js';

/** Functions with a slope everywhere, which differences need; as they need an epsilon that keeps norms smooth. */
const SMOOTH = fc.constantFrom('gelu-tanh', 'gelu-erf', 'silu', 'tanh');
const EPSILON = 0.05;

/** Sizes of a decoder with cross-attention. */
export const decoders = fc
  .record({
    heads: fc.integer({ min: 1, max: 3 }),
    headSize: fc.integer({ min: 1, max: 9 }),
    layers: fc.integer({ min: 1, max: 2 }),
    innerChannels: fc.integer({ min: 1, max: 33 }),
    vocabSize: fc.integer({ min: 2, max: 40 }),
    activation: SMOOTH,
    scaleAttention: fc.boolean(),
    scaleAttentionByInverseLayer: fc.boolean(),
    tiedHead: fc.boolean(),
  })
  .map(
    ({ headSize, ...sizes }): ModelConfig => ({
      ...sizes,
      channels: sizes.heads * headSize,
      contextLength: 12,
      layerNormEpsilon: EPSILON,
      eosTokenIds: [0],
      bosTokenId: undefined,
      crossAttention: true,
    }),
  )
  .filter(({ channels }) => channels > 1);

/** Sizes of an encoder of images, whose states are `width` wide. */
const encoders = (width: number) =>
  fc
    .record({
      heads: fc.integer({ min: 1, max: 3 }),
      headSize: fc.integer({ min: 1, max: 9 }),
      layers: fc.integer({ min: 0, max: 1 }),
      innerChannels: fc.integer({ min: 1, max: 33 }),
      activation: SMOOTH,
      patchSize: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      grid: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })),
      rest: fc.tuple(fc.nat(2), fc.nat(2)),
      imageChannels: fc.integer({ min: 1, max: 3 }),
      classTokens: fc.constantFrom(1 as const, 2 as const),
      qkvBias: fc.boolean(),
      keepsWidth: fc.boolean(),
    })
    .map(({ headSize, grid, rest, keepsWidth, layers, ...sizes }): EncoderConfig => {
      const channels = keepsWidth ? width : Math.max(2, sizes.heads * headSize);
      return {
        ...sizes,
        layers: layers + 1,
        heads: channels % sizes.heads === 0 ? sizes.heads : 1,
        channels,
        layerNormEpsilon: EPSILON,
        imageSize: sizeOfGrid({ grid, patch: sizes.patchSize, rest }),
        outputChannels: keepsWidth ? undefined : width,
      };
    });

/** A captioner, and a seed of its weights and batches. */
export const captioners = decoders.chain((config) =>
  fc.record({
    config: fc.constant(config),
    encoder: encoders(config.channels),
    batch: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 6 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  }),
);

/** Random weights of a core: norms near 1, others of a size that keeps all losses moderate. */
export function randomWeights(core: TrainCore, seed: number): Map<string, Float64Array> {
  const random = randomSource(seed);
  const weights = new Map<string, Float64Array>();
  for (const parameter of [...core.frozen, ...core.parameters]) {
    const isGain = /(ln_\w+|norm\w*)\.weight$/.test(parameter.name);
    const values = core.read('weights', parameter).map(() => {
      const number = random.uniform() - 0.5;
      return isGain ? 1 + number : number;
    });
    core.write('weights', parameter, values);
    weights.set(parameter.name, Float64Array.from(values));
  }
  return weights;
}

/** A core that trains a captioner with random weights, and these weights. */
export async function randomCaptioner(
  { config, encoder }: CaptionerConfig,
  shape: TrainingShape,
  seed: number,
  build: Build = 'simd',
  threads = 1,
): Promise<{ core: TrainCore; weights: Map<string, Float64Array> }> {
  const core = await TrainCore.create({ config, build, threads, shape: { ...shape, encoder } });
  return { core, weights: randomWeights(core, seed) };
}

/** Sequences of random tokens with images, or with states if there is no encoder; about a quarter have no target. */
export function captionedBatch(
  { config, encoder }: CaptionerConfig,
  batch: number,
  length: number,
  seed: number,
  states = 0,
): Batch {
  const random = randomSource(seed);
  const draw = () => Array.from({ length: batch * length }, () => random.below(config.vocabSize));
  const floats = (count: number) => Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
  const tokens = draw();
  const targets = draw().map((id, i) => (i === 0 || random.below(4) ? id : -1));
  if (encoder === undefined) {
    return { batch, length, tokens, targets, states: floats(batch * states * config.channels) };
  }
  const [height, width] = encoder.imageSize;
  return { batch, length, tokens, targets, pixels: floats(batch * encoder.imageChannels * height * width) };
}

/** The sequences of a batch, each alone. */
export function sequencesOf({ config, encoder }: CaptionerConfig, batch: Batch): Captioned[] {
  const cut = <A extends ArrayLike<number>>(values: A, index: number) => {
    const size = values.length / batch.batch;
    return Array.from(values).slice(index * size, (index + 1) * size);
  };
  return Array.from({ length: batch.batch }, (_, i) => {
    const states = batch.states && cut(batch.states, i);
    const width = encoder?.channels ?? config.channels;
    return {
      tokens: cut(batch.tokens, i),
      targets: cut(batch.targets, i),
      pixels: batch.pixels && Float32Array.from(cut(batch.pixels, i)),
      states:
        states &&
        Array.from({ length: states.length / width }, (_, row) =>
          Float64Array.from(states.slice(row * width, (row + 1) * width)),
        ),
    };
  });
}

/** The sum of a batch's losses in double precision. */
export function literalLoss(captioner: CaptionerConfig, weights: Weights, batch: Batch): number {
  let sum = 0;
  for (const sequence of sequencesOf(captioner, batch)) {
    for (const loss of literalLosses(captioner, weights, sequence)) sum += loss;
  }
  return sum;
}

/** A captioner whose sizes are no multiples of panels. */
export const ODD: CaptionerConfig = {
  config: {
    ...{ vocabSize: 37, contextLength: 12, channels: 20, layers: 2, heads: 4, innerChannels: 27 },
    ...{ activation: 'gelu-tanh', layerNormEpsilon: 1e-5, scaleAttention: true },
    ...{ scaleAttentionByInverseLayer: false, tiedHead: true, eosTokenIds: [0], bosTokenId: undefined },
    crossAttention: true,
  },
  encoder: {
    ...{
      channels: 18,
      layers: 2,
      heads: 3,
      innerChannels: 31,
      activation: 'gelu-erf',
      layerNormEpsilon: 1e-6,
    },
    ...{
      imageSize: [6, 9],
      patchSize: [3, 3],
      imageChannels: 3,
      classTokens: 2,
      qkvBias: true,
      outputChannels: 20,
    },
  },
};

/** A captioner without a matrix between encoder and decoder. */
export const SAME_WIDTH: CaptionerConfig = {
  config: { ...ODD.config, channels: 32, tiedHead: false },
  encoder: {
    ...ODD.encoder!,
    ...{ channels: 32, heads: 2, classTokens: 1, qkvBias: false, outputChannels: undefined },
  },
};
