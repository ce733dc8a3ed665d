import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ImageInput } from '../../vision/images/image_input.js';
import type { DataPosition } from '../data/batches.js';
import { permutation } from '../data/shuffle.js';

/** An image and its caption. One of `pixels`, `image` and `states` is given, and one of `text` and `ids`. */
export interface CaptionExample {
  /** The numbers that the encoder takes, [imageChannels, height, width]. */
  readonly pixels?: Float32Array | undefined;
  /** An image in any form that `Captioner.pixels` reads. */
  readonly image?: ImageInput | undefined;
  /** The final states of a frozen encoder, [S, its width], computed before. */
  readonly states?: Float32Array | undefined;
  /** The caption. */
  readonly text?: string | undefined;
  /** The caption as token ids, without those that begin and end it. */
  readonly ids?: ArrayLike<number> | undefined;
}

/** Examples of which any can be read at any time, such as those of a folder: an epoch takes them in a seeded order. */
export interface CaptionDataset {
  /** Number of examples. */
  readonly length: number;
  /** Example `index`, from 0. */
  get(index: number): CaptionExample | Promise<CaptionExample>;
}

/**
 * Examples to learn from: an array or a dataset, whose order is drawn anew for each epoch; or an iterable, whose own
 * order is kept, one pass of it being an epoch. A run that is resumed takes an iterable from its start and passes over
 * what was learned before.
 */
export type CaptionData =
  | readonly CaptionExample[]
  | CaptionDataset
  | Iterable<CaptionExample>
  | AsyncIterable<CaptionExample>;

/** Reads the example at a position of the data. */
export interface ExampleReader {
  /** Examples of an epoch, if they are known. */
  readonly length: number | undefined;
  /** The example at or after a position, and the position after it. Throws `invalid-option` if there is none. */
  read(position: DataPosition): Promise<{ readonly example: CaptionExample; readonly next: DataPosition }>;
}

const WANTED = 'an array of { pixels, text }, an object { length, get }, or an iterable';

/** Throws `invalid-option` unless `data` are examples. */
export function checkCaptionData(name: string, data: unknown): asserts data is CaptionData {
  const isObject = typeof data === 'object' && data !== null;
  if (isObject && (Symbol.iterator in data || Symbol.asyncIterator in data)) return;
  if (isObject && typeof (data as CaptionDataset).get === 'function') {
    checkNumber(`length of ${name}`, (data as CaptionDataset).length, whole(0));
    return;
  }
  throw invalidOption(name, data, WANTED);
}

/** The examples that can be read at any time; undefined for an iterable. */
export function datasetOf(data: CaptionData): CaptionDataset | undefined {
  if (Array.isArray(data)) return { length: data.length, get: (index) => data[index] as CaptionExample };
  return 'get' in data && 'length' in data ? (data as CaptionDataset) : undefined;
}

/**
 * Splits a dataset: some examples, by the seed, are held out, at least one if `share` is above 0 and at most all but
 * one.
 */
export function splitDataset(
  dataset: CaptionDataset,
  share: number,
  seed: number,
): { readonly training: CaptionDataset; readonly validation: CaptionDataset | undefined } {
  const { length } = dataset;
  const held = share === 0 ? 0 : Math.min(length - 1, Math.max(1, Math.round(share * length)));
  const order = permutation(length, seed, 0);
  const part = (indices: Int32Array): CaptionDataset => ({
    length: indices.length,
    get: (index) => dataset.get(indices[index]!),
  });
  return {
    training: part(order.slice(held).sort()),
    validation: held > 0 ? part(order.slice(0, held).sort()) : undefined,
  };
}

/** Reads a dataset in an order that is a function of seed and epoch. */
export function shuffled(dataset: CaptionDataset, seed: number): ExampleReader {
  const { length } = dataset;
  let known: { readonly epoch: number; readonly order: Int32Array } = { epoch: -1, order: new Int32Array() };
  if (length === 0) throw new Gpt2Error('invalid-option', 'data has no examples to learn from');
  return {
    length,
    async read({ epoch, row }) {
      if (row >= length) return this.read({ epoch: epoch + 1, row: row - length });
      if (known.epoch !== epoch) known = { epoch, order: permutation(length, seed, epoch + 1) };
      return { example: await dataset.get(known.order[row]!), next: { epoch, row: row + 1 } };
    },
  };
}

/** Reads an iterable in its own order; one example is held at a time. */
export function inOrder(data: Iterable<CaptionExample> | AsyncIterable<CaptionExample>): ExampleReader {
  let iterator: AsyncIterator<CaptionExample> | undefined;
  let place: DataPosition = { epoch: 0, row: 0 };
  /** Examples of the latest pass that ended. */
  let count = 0;
  const start = (epoch: number) => {
    iterator = iterate(data);
    place = { epoch, row: 0 };
  };
  return {
    length: undefined,
    async read(position) {
      const { epoch, row } = position;
      if (iterator === undefined || place.epoch !== epoch || place.row > row) start(epoch);
      for (;;) {
        const { value, done } = await iterator!.next();
        if (done) {
          if (place.row === 0 || place.row < row) throw ended(Math.max(count, place.row));
          count = place.row;
          start(epoch + 1);
          return this.read(place);
        }
        place = { epoch, row: place.row + 1 };
        if (place.row > row) return { example: value as CaptionExample, next: place };
      }
    },
  };
}

async function* iterate(
  data: Iterable<CaptionExample> | AsyncIterable<CaptionExample>,
): AsyncGenerator<CaptionExample> {
  yield* data;
}

function ended(examples: number): Gpt2Error {
  return new Gpt2Error(
    'invalid-option',
    `data ended after ${examples} examples, and gives none when it is iterated again; give an array, an object whose ` +
      'iterator starts anew each time, or fewer steps',
  );
}
