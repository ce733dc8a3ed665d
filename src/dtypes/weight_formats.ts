import {
  BLOCK,
  PANEL_BYTES,
  Q4_ACTIVATIONS_TAIL,
  Q4_BLOCK_BYTES,
  Q8_ACTIVATIONS_TAIL,
  Q8_BLOCK_BYTES,
  WEIGHTS_F32,
  WEIGHTS_Q4,
  WEIGHTS_Q8,
  WIDEST_ACTIVATION_BYTES,
} from '../../assembly/abi.js';
import { invalidOption, quotedList } from '../base/check_options.js';
import { LARGEST_F32 } from '../base/finite.js';
import type { BlockType } from './tensor_types.js';

/**
 * How matrices are kept in memory: 32-bit floats, or 8 or 4 bits with a scale for every 32 weights. Vectors,
 * positions and attention are f32 in any case.
 */
export type WeightFormat = 'f32' | 'q8' | 'q4';

/** A format with a scale for every BLOCK weights. */
export type QuantizedFormat = Exclude<WeightFormat, 'f32'>;

/** Facts of a weight format; the core's part is assembly/kernels/formats.ts. */
interface FormatFacts {
  /** The number that stands for the format in the core. */
  readonly code: number;
  /** Consecutive k of a column that are packed together. */
  readonly blockLength: number;
  /** Bytes of one block of a panel, that is of 16 columns. */
  readonly panelBlockBytes: number;
  /**
   * Bytes of one block of a row of quantized activations, in the build that needs more; 0 if they stay f32.
   */
  readonly activationBlockBytes: number;
  /** Largest magnitude of a weight. */
  readonly largest: number;
  /** The GGUF block type that holds the same numbers, whose blocks are packed as they are. */
  readonly blockType?: BlockType;
}

/** Largest finite half-precision number, and so the largest scale of a block. */
const LARGEST_HALF = 65504;

export const FORMATS: Readonly<Record<WeightFormat, FormatFacts>> = {
  f32: {
    code: WEIGHTS_F32,
    blockLength: 1,
    panelBlockBytes: PANEL_BYTES,
    activationBlockBytes: 0,
    largest: LARGEST_F32,
  },
  q8: {
    code: WEIGHTS_Q8,
    blockLength: BLOCK,
    panelBlockBytes: Q8_BLOCK_BYTES,
    activationBlockBytes: BLOCK * WIDEST_ACTIVATION_BYTES + Q8_ACTIVATIONS_TAIL,
    largest: 127 * LARGEST_HALF,
    blockType: 'Q8_0',
  },
  q4: {
    code: WEIGHTS_Q4,
    blockLength: BLOCK,
    panelBlockBytes: Q4_BLOCK_BYTES,
    activationBlockBytes: BLOCK * WIDEST_ACTIVATION_BYTES + Q4_ACTIVATIONS_TAIL,
    // Steps are -8 to 7.
    largest: 7 * LARGEST_HALF,
    blockType: 'Q4_0',
  },
};

export const WEIGHT_FORMATS = Object.keys(FORMATS) as readonly WeightFormat[];

/** Throws `invalid-option` unless `weights` is undefined or a format. */
export function checkWeights(weights: unknown): void {
  if (weights !== undefined && !WEIGHT_FORMATS.includes(weights as WeightFormat)) {
    throw invalidOption('weights', weights, quotedList(WEIGHT_FORMATS));
  }
}
