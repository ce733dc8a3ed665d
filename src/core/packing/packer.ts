import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { LARGEST_F32 } from '../../base/finite.js';
import { READ_CHUNK_BYTES } from '../../checkpoints/load_weights.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import type { Dtype } from '../../dtypes/tensor_types.js';
import { type BlockType, isBlockType, type TensorType } from '../../dtypes/tensor_types.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import type { CoreExports } from '../abi/exports.js';
import { padded } from '../layout.js';
import type { CoreMemory } from '../memory.js';

/** The numbers of assembly/kernels/pack.ts. */
const DTYPES: Record<Dtype, number> = { F32: 0, F16: 1, BF16: 2 };

const DTYPE_BYTES: Record<Dtype, number> = { F32: 4, F16: 2, BF16: 2 };

/** Largest finite half-precision number, and so the largest scale of a block. */
const LARGEST_HALF = 65504;

/** Largest magnitude of a matrix's weights in each format: the steps that both signs have, times the largest scale. */
const LARGEST: Record<WeightFormat, number> = {
  f32: LARGEST_F32,
  q8: 127 * LARGEST_HALF,
  q4: 7 * LARGEST_HALF,
};

/** Bytes of staging that packing needs: a chunk as stored and, decoded to f32, up to twice as much. */
export function stagingBytes(parameters: readonly Parameter[]): number {
  let longestGroup = 0;
  let longestTensor = 0;
  for (const { kind, shape } of parameters) {
    const row = kind === 'vector' ? shape[0]! : shape[1]!;
    longestGroup = Math.max(longestGroup, rowGroup(kind) * row);
    longestTensor = Math.max(longestTensor, kind === 'vector' ? row : shape[0]! * row);
  }
  return 3 * Math.min(4 * longestTensor, Math.max(4 * longestGroup, READ_CHUNK_BYTES));
}

/** Decodes stored rows, except blocks that are packed as they are, and puts them into their packed place. */
export class Packer implements WeightLoader {
  readonly #memory: CoreMemory;
  readonly #core: CoreExports;
  readonly #weights: WeightFormat;
  readonly #staging: number;
  readonly #weight: (name: string) => number;

  /** `staging` is the address of `stagingBytes` free bytes, `weight` gives the address of a parameter. */
  constructor(
    memory: CoreMemory,
    core: CoreExports,
    weights: WeightFormat,
    staging: number,
    weight: (name: string) => number,
  ) {
    this.#memory = memory;
    this.#core = core;
    this.#weights = weights;
    this.#staging = staging;
    this.#weight = weight;
  }

  takesBlocks({ kind }: Parameter, type: BlockType): boolean {
    return kind === 'linear' && type === { f32: undefined, q8: 'Q8_0', q4: 'Q4_0' }[this.#weights];
  }

  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void {
    const core = this.#core;
    const out = this.#weight(parameter.name);
    const columns = parameter.kind === 'vector' ? parameter.shape[0]! : parameter.shape[1]!;
    this.#memory.bytes(this.#staging, bytes.byteLength).set(bytes);
    let rows = this.#staging;
    if (isBlockType(type)) {
      const packBlocks = type === 'Q8_0' ? core.packLinearQ8_0 : core.packLinearQ4_0;
      if (!packBlocks(out, rows, firstRow, rowCount, columns)) {
        throw new Gpt2Error('invalid-file', `${parameter.name} has a block whose scale is NaN or infinite`);
      }
      return;
    }
    if (type !== 'F32') {
      rows += Math.ceil(bytes.byteLength / 16) * 16;
      core.decode(rows, this.#staging, DTYPES[type], bytes.byteLength / DTYPE_BYTES[type]);
    }
    this.#check(parameter, core.largestMagnitude(rows, rowCount * columns));
    switch (parameter.kind) {
      case 'vector':
      case 'rows': {
        const stride = 4 * padded(columns);
        core.packRows(out + firstRow * stride, stride, rows, rowCount, columns);
        break;
      }
      case 'conv1d': {
        const packConv1d = { f32: core.packConv1d, q8: core.packConv1dQ8, q4: core.packConv1dQ4 };
        packConv1d[this.#weights](out, rows, firstRow, rowCount, parameter.shape[0]!, columns);
        break;
      }
      case 'linear': {
        const packLinear = { f32: core.packLinear, q8: core.packLinearQ8, q4: core.packLinearQ4 };
        packLinear[this.#weights](out, rows, firstRow, rowCount, columns);
        break;
      }
    }
  }

  /** Refuses weights, given their largest magnitude, that would not be themselves in memory. */
  #check({ name, kind }: Parameter, largest: number): void {
    const format = kind === 'conv1d' || kind === 'linear' ? this.#weights : 'f32';
    if (largest <= LARGEST[format]) return;
    if (!Number.isFinite(largest)) {
      const what = Number.isNaN(largest) ? 'is not a number (NaN)' : 'is infinite';
      throw new Gpt2Error('invalid-file', `${name} has a weight that ${what}`);
    }
    throw new Gpt2Error(
      'unsupported',
      `${name} has a weight of magnitude ${largest}, but ${format} holds at most ${LARGEST[format]}; load it with weights 'f32'`,
    );
  }
}
