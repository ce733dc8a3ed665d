import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isFloat32Array } from '../../base/float_array.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import { isBlockType, isTensorType, type TensorType } from '../../dtypes/tensor_types.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import { packedBytes } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import { Packer } from '../packing/packer.js';
import { checkBytes, checkGroups, checkRows, shapeOf } from './check_rows.js';
import type { TrainExports } from './exports.js';
import { markStale, type PackedPlaces } from './packed.js';
import { unpackOf } from './unpack.js';

/** Arrays that training keeps for every trained weight, all in the same layout. */
export type TrainingPart = 'weights' | 'gradients' | 'firstMoments' | 'secondMoments';

/** In the order of their regions in memory. */
const PARTS: readonly TrainingPart[] = ['weights', 'gradients', 'firstMoments', 'secondMoments'];

const isKnown = (type: unknown): type is TensorType => typeof type === 'string' && isTensorType(type);

function checkPart(part: unknown): void {
  if (!PARTS.includes(part as TrainingPart)) throw invalidOption('part', part, `one of ${PARTS.join(', ')}`);
}

/** Addresses of weights by name, and memory to read and write them. */
export interface StatePlaces {
  /** TRAINING, with its DROPOUTs and its UPDATE. */
  readonly training: number;
  /** Weights that have gradients and moments. */
  readonly trained: ReadonlyMap<string, number>;
  /** Weights that have neither, in f32. */
  readonly frozen: ReadonlyMap<string, number>;
  /** Matrices in a quantized format. */
  readonly packed?: PackedPlaces | undefined;
  /** Bytes of all trained weights: gradients and first moments follow them, each this much after the previous. */
  readonly partBytes: number;
  /** Bytes from a weight to its second moment. */
  readonly toSecondMoment: number;
  /** Names of the trained weights that have second moments: those that AdamW updates. */
  readonly withSecondMoment: ReadonlySet<string>;
  /** Memory that is free between calls, for rows on their way in and out. */
  readonly staging: { readonly address: number; readonly bytes: number };
}

/** Reads and writes weights, gradients and moments in core memory, in the layout of a checkpoint. */
export class TrainState {
  readonly #memory: CoreMemory;
  readonly #core: TrainExports;
  readonly #places: StatePlaces;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  constructor(memory: CoreMemory, core: TrainExports, places: StatePlaces, parameters: readonly Parameter[]) {
    this.#memory = memory;
    this.#core = core;
    this.#places = places;
    this.#parameters = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  }

  /**
   * A loader of a part. It throws `invalid-option` for unknown weights, and for rows that a weight does not
   * have.
   */
  loader(part: TrainingPart): WeightLoader {
    checkPart(part);
    const { packed, staging } = this.#places;
    const packerOf = (format: WeightFormat) =>
      new Packer(this.#memory, this.#core, format, staging.address, (name) => this.#placeOf(part, name));
    const inF32 = packerOf('f32');
    const quantized = packed && packerOf(packed.format);
    const loaderOf = (parameter: Parameter) => (this.#isFrozenPacked(parameter) ? quantized! : inF32);
    return {
      takesBlocks: (parameter, type) => loaderOf(parameter).takesBlocks(parameter, type),
      pack: (parameter, firstRow, rowCount, bytes, type) => {
        checkRows(this.#parameters, parameter, firstRow, rowCount);
        const loader = loaderOf(parameter);
        if (loader === quantized) checkGroups(parameter, firstRow, rowCount);
        const takesBlocks = isKnown(type) && isBlockType(type) && loader.takesBlocks(parameter, type);
        checkBytes(bytes, rowCount * shapeOf(parameter)[1], type, staging.bytes, takesBlocks);
        loader.pack(parameter, firstRow, rowCount, bytes, type);
        if (part === 'weights' && packed) markStale(new DataView(this.#memory.memory.buffer), packed);
      },
    };
  }

  /** The panels of a frozen matrix in a quantized format, which a core that generates has too; undefined for others. */
  panels(parameter: Parameter): Uint8Array | undefined {
    const { packed } = this.#places;
    if (!this.#isFrozenPacked(parameter)) return undefined;
    const { format, places } = packed!;
    return this.#memory.bytes(places.get(parameter.name)!, packedBytes(parameter, format));
  }

  /** As `read` of weights, of the numbers that the passes read: `inForce` those of the packed copies. */
  readUsed(
    parameter: Parameter,
    inForce: boolean,
    firstRow: number,
    rowCount?: number,
  ): Float32Array<ArrayBuffer> {
    const { packed, training } = this.#places;
    if (!inForce || !packed?.trained.some(({ name }) => name === parameter?.name)) {
      return this.read('weights', parameter, firstRow, rowCount);
    }
    this.#core.quantize(training);
    return this.#read(parameter, packed.places.get(parameter.name)!, packed.format, firstRow, rowCount);
  }

  read(
    part: TrainingPart,
    parameter: Parameter,
    firstRow: number,
    rowCount?: number,
  ): Float32Array<ArrayBuffer> {
    checkPart(part);
    checkRows(this.#parameters, parameter, firstRow, rowCount);
    const { packed } = this.#places;
    const format = this.#isFrozenPacked(parameter) ? packed!.format : 'f32';
    return this.#read(parameter, this.#placeOf(part, parameter.name), format, firstRow, rowCount);
  }

  #read(
    parameter: Parameter,
    place: number,
    format: WeightFormat,
    firstRow: number,
    rowCount?: number,
  ): Float32Array<ArrayBuffer> {
    checkRows(this.#parameters, parameter, firstRow, rowCount);
    const staging = this.#places.staging.address;
    const [rows, columns] = shapeOf(parameter);
    const count = rowCount ?? rows - firstRow;
    const unpack = unpackOf(this.#core, parameter, format);
    const out = new Float32Array(count * columns);
    for (const [row, some] of this.#pieces(firstRow, count, columns)) {
      unpack(staging, place, row, some, rows, columns);
      out.set(this.#memory.f32(staging, some * columns), (row - firstRow) * columns);
    }
    return out;
  }

  write(part: TrainingPart, parameter: Parameter, values: Float32Array, firstRow: number): void {
    const loader = this.loader(part);
    checkRows(this.#parameters, parameter, firstRow);
    const [rows, columns] = shapeOf(parameter);
    const most = (rows - firstRow) * columns;
    if (!isFloat32Array(values) || values.length % columns !== 0 || values.length > most) {
      const right = `a Float32Array of whole rows of ${columns}, at most ${most} numbers`;
      if (!isFloat32Array(values)) throw invalidOption('values', values, right);
      throw new Gpt2Error('invalid-option', `values has ${values.length} numbers; it must be ${right}`);
    }
    const group = this.#isFrozenPacked(parameter) ? rowGroup(parameter.kind) : 1;
    for (const [row, some] of this.#pieces(firstRow, values.length / columns, columns, group)) {
      const start = values.byteOffset + 4 * (row - firstRow) * columns;
      loader.pack(parameter, row, some, new Uint8Array(values.buffer, start, 4 * some * columns), 'F32');
    }
  }

  /** The parts that are kept of a weight. Throws `invalid-option` for unknown weights. */
  partsOf(parameter: Parameter): readonly TrainingPart[] {
    checkRows(this.#parameters, parameter, 0);
    return this.#partsOf(parameter.name);
  }

  #partsOf(name: string): readonly TrainingPart[] {
    const { trained, frozen, packed, withSecondMoment } = this.#places;
    if (trained.has(name)) return PARTS.slice(0, withSecondMoment.has(name) ? 4 : 3);
    return frozen.has(name) || packed?.places.has(name) ? ['weights'] : [];
  }

  /** Splits rows into pieces of whole groups that fit into the staging: the first row and the number of rows of each. */
  *#pieces(first: number, count: number, columns: number, group = 1): Generator<[number, number]> {
    const fitting = Math.floor(this.#places.staging.bytes / (4 * columns));
    // All rows of a small matrix fit, even if a group of rows would not.
    const most = fitting >= count ? count : Math.floor(fitting / group) * group;
    for (let done = 0; done < count; done += most) yield [first + done, Math.min(most, count - done)];
  }

  /** Whether a matrix is frozen and in the quantized format alone. */
  #isFrozenPacked(parameter: Parameter): boolean {
    return this.#places.packed?.frozen.some(({ name }) => name === parameter?.name) ?? false;
  }

  #placeOf(part: TrainingPart, name: string): number {
    const { trained, frozen, packed, partBytes, toSecondMoment } = this.#places;
    const place = trained.get(name);
    if (!this.#partsOf(name).includes(part)) {
      const why = place === undefined ? 'it is not trained' : 'Muon updates it';
      throw new Gpt2Error('invalid-option', `there are no ${part} of ${name}: ${why}`);
    }
    if (place === undefined) return (frozen.get(name) ?? packed?.places.get(name))!;
    return place + (part === 'secondMoments' ? toSecondMoment : PARTS.indexOf(part) * partBytes);
  }
}
