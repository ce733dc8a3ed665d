import { BF16, F16, F32, padded } from '../../../assembly/abi.js';
import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { READ_CHUNK_BYTES } from '../../checkpoints/load_weights.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import {
  BLOCK_SIZES,
  type BlockType,
  type Dtype,
  isBlockType,
  type TensorType,
} from '../../dtypes/tensor_types.js';
import { FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import type { CoreExports } from '../abi/exports.js';

import type { CoreMemory } from '../memory.js';

const DTYPES: Record<Dtype, number> = { F32, F16, BF16 };

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
    return kind === 'linear' && type === FORMATS[this.#weights].blockType;
  }

  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void {
    const core = this.#core;
    const format = FORMATS[this.#weights].code;
    const out = this.#weight(parameter.name);
    const columns = parameter.kind === 'vector' ? parameter.shape[0]! : parameter.shape[1]!;
    this.#memory.bytes(this.#staging, bytes.byteLength).set(bytes);
    let rows = this.#staging;
    if (isBlockType(type)) {
      if (!core.packBlocks(format, out, rows, firstRow, rowCount, columns)) {
        throw new Gpt2Error('invalid-file', `${parameter.name} has a block whose scale is NaN or infinite`);
      }
      return;
    }
    if (type !== 'F32') {
      rows += Math.ceil(bytes.byteLength / 16) * 16;
      core.decode(rows, this.#staging, DTYPES[type], bytes.byteLength / BLOCK_SIZES[type].bytes);
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
        core.packConv1d(format, out, rows, firstRow, rowCount, parameter.shape[0]!, columns);
        break;
      }
      case 'linear': {
        core.packLinear(format, out, rows, firstRow, rowCount, columns);
        break;
      }
    }
  }

  /** Refuses weights, given their largest magnitude, that would not be themselves in memory. */
  #check({ name, kind }: Parameter, largest: number): void {
    const format = kind === 'conv1d' || kind === 'linear' ? this.#weights : 'f32';
    const most = FORMATS[format].largest;
    if (largest <= most) return;
    if (!Number.isFinite(largest)) {
      const what = Number.isNaN(largest) ? 'is not a number (NaN)' : 'is infinite';
      throw new Gpt2Error('invalid-file', `${name} has a weight that ${what}`);
    }
    throw new Gpt2Error(
      'unsupported',
      `${name} has a weight of magnitude ${largest}, but ${format} holds at most ${most}; load it with weights 'f32'`,
    );
  }
}
