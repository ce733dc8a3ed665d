import fc from 'fast-check';
import type { Activation } from '../../src/architecture/gpt2/config.js';
import type { EncoderConfig } from '../../src/architecture/vit/config.js';

/** Sizes of a random encoder, and a seed for its weights. */
export interface EncoderShape {
  readonly grid: readonly [number, number];
  readonly patch: readonly [number, number];
  /** Pixels after the last patch, of which whole patches are left out. */
  readonly rest: readonly [number, number];
  readonly heads: number;
  readonly headSize: number;
  readonly layers: number;
  readonly inner: number;
  readonly activation: Activation;
  readonly imageChannels: number;
  readonly classTokens: 1 | 2;
  readonly qkvBias: boolean;
  readonly output: number | undefined;
  readonly seed: number;
}

/** Encoders of 1 to 289 patches, whose widths are any. */
export const ENCODER_SHAPES: fc.Arbitrary<EncoderShape> = fc.record({
  grid: fc.tuple(fc.integer({ min: 1, max: 17 }), fc.integer({ min: 1, max: 17 })),
  patch: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
  rest: fc.tuple(fc.nat(6), fc.nat(6)),
  heads: fc.integer({ min: 1, max: 4 }),
  headSize: fc.integer({ min: 1, max: 21 }),
  layers: fc.integer({ min: 1, max: 2 }),
  inner: fc.integer({ min: 1, max: 70 }),
  activation: fc.constantFrom<Activation>('gelu-erf', 'gelu-tanh', 'relu', 'silu', 'tanh'),
  imageChannels: fc.constantFrom(1, 3, 4),
  classTokens: fc.constantFrom<1 | 2>(1, 2),
  qkvBias: fc.boolean(),
  output: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  seed: fc.nat(),
});

/** Height and width of an image that has a grid of patches, and less than one more. */
export function sizeOfGrid({
  grid,
  patch,
  rest,
}: Pick<EncoderShape, 'grid' | 'patch' | 'rest'>): [number, number] {
  const side = (i: 0 | 1) => grid[i] * patch[i] + (rest[i] % patch[i]);
  return [side(0), side(1)];
}

/** The config of an encoder of this shape. */
export function encoderOfShape(shape: EncoderShape): EncoderConfig {
  const channels = shape.heads * shape.headSize;
  return {
    channels,
    layers: shape.layers,
    heads: shape.heads,
    innerChannels: shape.inner,
    activation: shape.activation,
    // Norms of a few nearly equal numbers would make any rounding large.
    layerNormEpsilon: channels < 8 ? 0.1 : 1e-12,
    imageSize: sizeOfGrid(shape),
    patchSize: shape.patch,
    imageChannels: shape.imageChannels,
    classTokens: shape.classTokens,
    qkvBias: shape.qkvBias,
    outputChannels: shape.output,
  };
}
