import { padded } from '../../../assembly/abi.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { asBytes } from '../../base/bytes.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isFloat32Array } from '../../base/float_array.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import type { Dtype, TensorType } from '../../dtypes/tensor_types.js';

import type { CoreMemory } from '../memory.js';
import { Packer } from '../packing/packer.js';
import type { TrainExports } from './exports.js';

/** Numbers that training keeps for every weight, all in the same layout. */
export type TrainingPart = 'weights' | 'gradients' | 'firstMoments' | 'secondMoments';

/** In the order of their regions in memory. */
const PARTS: readonly TrainingPart[] = ['weights', 'gradients', 'firstMoments', 'secondMoments'];

/** Free memory that rows pass through. */
interface Staging {
  readonly address: number;
  readonly bytes: number;
}

/** Addresses of weights by name; `frozen` ones have neither gradients nor moments. */
export interface WeightPlaces {
  readonly trained: ReadonlyMap<string, number>;
  readonly frozen: ReadonlyMap<string, number>;
}

/** Weights, gradients and moments in core memory, read and written in checkpoint layout. */
export class TrainState {
  readonly #memory: CoreMemory;
  readonly #core: TrainExports;
  readonly #places: WeightPlaces;
  readonly #partBytes: number;
  readonly #staging: Staging;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  /** Each other part of a trained weight lies `partBytes` behind the one before. */
  constructor(
    memory: CoreMemory,
    core: TrainExports,
    places: WeightPlaces,
    partBytes: number,
    staging: Staging,
    parameters: readonly Parameter[],
  ) {
    this.#memory = memory;
    this.#core = core;
    this.#places = places;
    this.#partBytes = partBytes;
    this.#staging = staging;
    this.#parameters = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  }

  /** Throws `invalid-option` for pieces of other weights, or of other rows than those have. */
  loader(part: TrainingPart): WeightLoader {
    checkPart(part);
    const place = (name: string) => this.#placeOf(part, name);
    const packer = new Packer(this.#memory, this.#core, 'f32', this.#staging.address, place);
    return {
      takesBlocks: (parameter, type) => packer.takesBlocks(parameter, type),
      pack: (parameter, firstRow, rowCount, bytes, type) => {
        this.#checkRows(parameter, firstRow, rowCount);
        this.#checkBytes(bytes, rowCount * shapeOf(parameter)[1], type);
        packer.pack(parameter, firstRow, rowCount, bytes, type);
      },
    };
  }

  read(
    part: TrainingPart,
    parameter: Parameter,
    firstRow: number,
    rowCount?: number,
  ): Float32Array<ArrayBuffer> {
    checkPart(part);
    this.#checkRows(parameter, firstRow, rowCount);
    const core = this.#core;
    const staging = this.#staging.address;
    const [rows, columns] = shapeOf(parameter);
    const count = rowCount ?? rows - firstRow;
    const place = this.#placeOf(part, parameter.name);
    const stride = 4 * padded(columns);
    const out = new Float32Array(count * columns);
    for (const [row, some] of this.#pieces(firstRow, count, columns)) {
      if (parameter.kind === 'conv1d') core.unpackConv1d(staging, place, row, some, rows, columns);
      else if (parameter.kind === 'linear') core.unpackLinear(staging, place, row, some, columns);
      else core.unpackRows(staging, place + row * stride, stride, some, columns);
      out.set(this.#memory.f32(staging, some * columns), (row - firstRow) * columns);
    }
    return out;
  }

  write(part: TrainingPart, parameter: Parameter, values: Float32Array, firstRow: number): void {
    const loader = this.loader(part);
    this.#checkRows(parameter, firstRow);
    const [rows, columns] = shapeOf(parameter);
    const most = (rows - firstRow) * columns;
    if (!isFloat32Array(values) || values.length % columns !== 0 || values.length > most) {
      const right = `a Float32Array of whole rows of ${columns}, at most ${most} numbers`;
      if (!isFloat32Array(values)) throw invalidOption('values', values, right);
      throw new Gpt2Error('invalid-option', `values has ${values.length} numbers; it must be ${right}`);
    }
    for (const [row, some] of this.#pieces(firstRow, values.length / columns, columns)) {
      const start = values.byteOffset + 4 * (row - firstRow) * columns;
      loader.pack(parameter, row, some, new Uint8Array(values.buffer, start, 4 * some * columns), 'F32');
    }
  }

  /** Rows first.. in pieces that fit the staging: the first of each, and how many. */
  *#pieces(first: number, count: number, columns: number): Generator<[number, number]> {
    const most = Math.floor(this.#staging.bytes / (4 * columns));
    for (let done = 0; done < count; done += most) yield [first + done, Math.min(most, count - done)];
  }

  #checkRows(parameter: Parameter, firstRow: number, rowCount?: number): void {
    const name = (parameter as Parameter | undefined)?.name;
    const own = typeof name === 'string' ? this.#parameters.get(name) : undefined;
    if (own === undefined || !(isSame(parameter, own) || isSame(parameter, transposed(own)))) {
      throw invalidOption('parameter', parameter, 'one of parameters or frozen of the TrainCore');
    }
    const [rows] = shapeOf(parameter);
    checkNumber('firstRow', firstRow, whole(0, rows));
    if (rowCount !== undefined) checkNumber('rowCount', rowCount, whole(0, rows - firstRow));
  }

  #checkBytes(bytes: Uint8Array, numbers: number, type: TensorType): void {
    if (typeof type !== 'string' || !Object.hasOwn(NUMBER_BYTES, type))
      throw invalidOption('type', type, "'F32', 'F16' or 'BF16'");
    const right = numbers * NUMBER_BYTES[type as Dtype];
    // As stored and, if they are halves, decoded behind that.
    const most = this.#staging.bytes / (type === 'F32' ? 1 : 3);
    const length = asBytes(bytes)?.length;
    if (length === undefined) throw invalidOption('bytes', bytes, 'a Uint8Array');
    if (length === right && right <= most) return;
    throw new Gpt2Error(
      'invalid-option',
      `there are ${length} bytes; the rows have ${right}, of which ${Math.floor(most)} are taken at most`,
    );
  }

  #placeOf(part: TrainingPart, name: string): number {
    const { trained, frozen } = this.#places;
    const place = trained.get(name);
    if (place !== undefined) return place + PARTS.indexOf(part) * this.#partBytes;
    if (part === 'weights' && frozen.has(name)) return frozen.get(name)!;
    throw new Gpt2Error('invalid-option', `there are no ${part} of ${name}: it is not trained`);
  }
}

const NUMBER_BYTES: Readonly<Record<Dtype, number>> = { F32: 4, F16: 2, BF16: 2 };

function checkPart(part: unknown): void {
  if (!PARTS.includes(part as TrainingPart)) throw invalidOption('part', part, `one of ${PARTS.join(', ')}`);
}

/** A matrix as GGUF files store it, [out, in]; other parameters as they are. */
function transposed({ name, kind, shape }: Parameter): Parameter {
  return kind === 'conv1d' ? { name, kind: 'linear', shape: [shape[1]!, shape[0]!] } : { name, kind, shape };
}

function isSame({ kind, shape }: Parameter, other: Parameter): boolean {
  return (
    kind === other.kind &&
    shape?.length === other.shape.length &&
    other.shape.every((size, i) => shape[i] === size)
  );
}

/** Rows and columns of a parameter as stored; a vector is one row. */
function shapeOf({ kind, shape }: Parameter): [number, number] {
  return kind === 'vector' ? [1, shape[0]!] : [shape[0]!, shape[1]!];
}
