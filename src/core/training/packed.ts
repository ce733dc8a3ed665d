import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { matrixSizes } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { FORMATS, type QuantizedFormat, type WeightFormat } from '../../dtypes/weight_formats.js';
import { structBytes, writeStruct } from '../abi/struct.js';
import { packedBytes } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import { quantizedBytes, quantizedMatrices } from './parameters.js';
import type { TrainingShape } from './shape.js';
import { PACKED_WEIGHTS, QUANTIZED_MATRIX } from './structs.js';

/** Matrices in a quantized format. */
export interface PackedPlaces {
  readonly format: QuantizedFormat;
  /** PACKED_WEIGHTS */
  readonly struct: number;
  /** Array of QUANTIZED_MATRIX, one for each of `trained`. */
  readonly matrices: number;
  /** The first matrix, and bytes of all. */
  readonly weights: number;
  readonly bytes: number;
  /** Addresses of the packed matrices by name: of frozen ones, and of the copies of trained ones. */
  readonly places: ReadonlyMap<string, number>;
  readonly trained: readonly Parameter[];
  readonly frozen: readonly Parameter[];
}

/** Reserves the memory of the packed matrices, if there are any. Throws `out-of-memory`. */
export function placePacked(
  memory: CoreMemory,
  config: ModelConfig,
  shape: TrainingShape,
): PackedPlaces | undefined {
  const { quantize: format } = shape;
  if (format === undefined) return undefined;
  const { trained, frozen } = quantizedMatrices(config, shape);
  const struct = memory.reserve(structBytes(PACKED_WEIGHTS));
  const matrices = memory.reserve(trained.length * structBytes(QUANTIZED_MATRIX));
  const bytes = quantizedBytes(config, shape);
  const weights = memory.reserve(bytes);
  const places = placesFrom(weights, [...frozen, ...trained], format);
  return { format, struct, matrices, weights, bytes, trained, frozen, places };
}

/** Addresses of parameters by name, one after the other from `start` on. */
export function placesFrom(
  start: number,
  parameters: readonly Parameter[],
  format: WeightFormat,
): Map<string, number> {
  let end = start;
  return new Map(
    parameters.map((parameter) => {
      const place = end;
      end += packedBytes(parameter, format);
      return [parameter.name, place];
    }),
  );
}

/** Whether the passes read a matrix in the quantized format: trained ones only once `inForce`. */
export function isUsedPacked(packed: PackedPlaces | undefined, name: string, inForce: boolean): boolean {
  if (packed?.places.has(name) !== true) return false;
  return inForce || packed.frozen.some((matrix) => matrix.name === name);
}

/** Writes the PACKED_WEIGHTS; `weight` gives the addresses of trained weights. */
export function writePacked(
  view: DataView,
  packed: PackedPlaces,
  inForce: boolean,
  weight: (name: string) => number,
): void {
  const { format, struct, matrices, weights, bytes, places, trained } = packed;
  const { code, largest } = FORMATS[format];
  writeStruct(view, struct, PACKED_WEIGHTS, {
    ...{ format: code, largest, weights, weightBytes: bytes, matrices, isStale: 1, isUnfit: 0 },
    count: inForce ? trained.length : 0,
  });
  trained.forEach((matrix, i) => {
    const [K, N] = matrixSizes(matrix);
    writeStruct(view, matrices + i * structBytes(QUANTIZED_MATRIX), QUANTIZED_MATRIX, {
      ...{ weight: weight(matrix.name), copy: places.get(matrix.name)!, K, N },
      isLinear: matrix.kind === 'linear' ? 1 : 0,
    });
  });
}

/** Notes that trained weights have changed, so that their copies are packed before they are read. */
export function markStale(view: DataView, { struct }: PackedPlaces): void {
  writeStruct(view, struct, PACKED_WEIGHTS, { isStale: 1 });
}
