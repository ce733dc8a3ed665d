import { Gpt2Error } from '../errors.js';
import type { WeightSink, WeightSlot } from '../weights/slots.js';
import { padded } from './layout.js';
import type { CoreMemory } from './memory.js';
import { Packer } from './packer.js';
import type { TrainExports } from './train_exports.js';

const PARTS = ['weights', 'gradients', 'firstMoments', 'secondMoments'] as const;

/** Numbers that training keeps for every weight, all in the same layout. */
export type TrainingPart = (typeof PARTS)[number];

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

  /** Each other part of a trained weight lies `partBytes` behind the one before. */
  constructor(
    memory: CoreMemory,
    core: TrainExports,
    places: WeightPlaces,
    partBytes: number,
    staging: Staging,
  ) {
    this.#memory = memory;
    this.#core = core;
    this.#places = places;
    this.#partBytes = partBytes;
    this.#staging = staging;
  }

  sink(part: TrainingPart): WeightSink {
    const place = (name: string) => this.#placeOf(part, name);
    return new Packer(this.#memory, this.#core, 'f32', this.#staging.address, place);
  }

  read(part: TrainingPart, slot: WeightSlot, firstRow: number, rowCount?: number): Float32Array<ArrayBuffer> {
    const core = this.#core;
    const staging = this.#staging.address;
    const [rows, columns] = shapeOf(slot);
    const count = rowCount ?? rows - firstRow;
    const place = this.#placeOf(part, slot.name);
    const stride = 4 * padded(columns);
    const out = new Float32Array(count * columns);
    for (const [row, some] of this.#pieces(firstRow, count, columns)) {
      if (slot.kind === 'conv1d') core.unpackConv1d(staging, place, row, some, rows, columns);
      else if (slot.kind === 'linear') core.unpackLinear(staging, place, row, some, columns);
      else core.unpackRows(staging, place + row * stride, stride, some, columns);
      out.set(this.#memory.f32(staging, some * columns), (row - firstRow) * columns);
    }
    return out;
  }

  write(part: TrainingPart, slot: WeightSlot, values: Float32Array, firstRow: number): void {
    const sink = this.sink(part);
    const [, columns] = shapeOf(slot);
    for (const [row, some] of this.#pieces(firstRow, values.length / columns, columns)) {
      const start = values.byteOffset + 4 * (row - firstRow) * columns;
      sink.pack(slot, row, some, new Uint8Array(values.buffer, start, 4 * some * columns), 'F32');
    }
  }

  /** Rows first.. in pieces that fit the staging: the first of each, and how many. */
  *#pieces(first: number, count: number, columns: number): Generator<[number, number]> {
    const most = Math.floor(this.#staging.bytes / (4 * columns));
    for (let done = 0; done < count; done += most) yield [first + done, Math.min(most, count - done)];
  }

  #placeOf(part: TrainingPart, name: string): number {
    const { trained, frozen } = this.#places;
    const place = trained.get(name);
    if (place !== undefined) return place + PARTS.indexOf(part) * this.#partBytes;
    if (part === 'weights' && frozen.has(name)) return frozen.get(name)!;
    throw new Gpt2Error('invalid-option', `there are no ${part} of ${name}: it is not trained`);
  }
}

/** Rows and columns of a slot as stored; a vector is one row. */
function shapeOf({ kind, shape }: WeightSlot): [number, number] {
  return kind === 'vector' ? [1, shape[0]!] : [shape[0]!, shape[1]!];
}
