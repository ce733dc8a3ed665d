import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { DataPosition } from './batches.js';
import { permutation } from './shuffle.js';

/** Examples of which any can be read at any time, such as those of a folder: an epoch takes them in a seeded order. */
export interface ExampleDataset<Example> {
  /** Number of examples. */
  readonly length: number;
  /** Example `index`, from 0. */
  get(index: number): Example | Promise<Example>;
}

/**
 * Examples to learn from: an array or a dataset, whose order is drawn anew for each epoch; or an iterable, whose own
 * order is kept, one pass of it being an epoch. A run that is resumed takes an iterable from its start and passes over
 * what was learned before.
 */
export type ExampleData<Example> =
  | readonly Example[]
  | ExampleDataset<Example>
  | Iterable<Example>
  | AsyncIterable<Example>;

/** Reads the example at a position of the data. */
export interface ExampleReader<Example> {
  /** Examples of an epoch, if they are known. */
  readonly length: number | undefined;
  /** The example at or after a position, and the position after it. Throws `invalid-option` if there is none. */
  read(position: DataPosition): Promise<{ readonly example: Example; readonly next: DataPosition }>;
}

/** Throws `invalid-option` unless `data` are examples; `example` is how messages show one. */
export function checkExamples(
  name: string,
  data: unknown,
  example: string,
): asserts data is ExampleData<unknown> {
  const isObject = typeof data === 'object' && data !== null;
  if (isObject && (Symbol.iterator in data || Symbol.asyncIterator in data)) return;
  if (isObject && typeof (data as ExampleDataset<unknown>).get === 'function') {
    checkNumber(`length of ${name}`, (data as ExampleDataset<unknown>).length, whole(0));
    return;
  }
  throw invalidOption(name, data, `an array of ${example}, an object { length, get }, or an iterable`);
}

/** The examples that can be read at any time; undefined for an iterable. */
export function datasetOf<Example>(data: ExampleData<Example>): ExampleDataset<Example> | undefined {
  if (Array.isArray(data)) return { length: data.length, get: (index) => data[index] as Example };
  return 'get' in data && 'length' in data ? (data as ExampleDataset<Example>) : undefined;
}

/** Options about examples. */
export interface ExampleOptions<Example> {
  readonly data: ExampleData<Example>;
  /** Held-out examples, or the share of `data` that is held out. */
  readonly validation: number | ExampleData<Example>;
  readonly seed: number;
}

/** Readers of the training data and of the held-out data. */
export function readersOf<Example>({ data, validation, seed }: ExampleOptions<Example>): {
  readonly training: ExampleReader<Example>;
  readonly held: () => AsyncIterable<Example> | undefined;
} {
  const dataset = datasetOf(data);
  if (dataset === undefined) {
    return {
      training: inOrder(data as AsyncIterable<Example>),
      held: () => (typeof validation === 'number' ? undefined : allExamples(validation)),
    };
  }
  if (typeof validation !== 'number') {
    return { training: shuffled(dataset, seed), held: () => allExamples(validation) };
  }
  const { training, validation: held } = splitDataset(dataset, validation, seed);
  return { training: shuffled(training, seed), held: () => held && allExamples(held) };
}

/** All examples, in their own order. */
export async function* allExamples<Example>(data: ExampleData<Example>): AsyncGenerator<Example> {
  const dataset = datasetOf(data);
  if (dataset === undefined) yield* data as AsyncIterable<Example>;
  else for (let i = 0; i < dataset.length; i++) yield dataset.get(i);
}

/**
 * Splits a dataset: some examples, by the seed, are held out, at least one if `share` is above 0 and at most all but
 * one.
 */
export function splitDataset<Example>(
  dataset: ExampleDataset<Example>,
  share: number,
  seed: number,
): {
  readonly training: ExampleDataset<Example>;
  readonly validation: ExampleDataset<Example> | undefined;
} {
  const { length } = dataset;
  const held = share === 0 ? 0 : Math.min(length - 1, Math.max(1, Math.round(share * length)));
  const order = permutation(length, seed, 0);
  const part = (indices: Int32Array): ExampleDataset<Example> => ({
    length: indices.length,
    get: (index) => dataset.get(indices[index]!),
  });
  return {
    training: part(order.slice(held).sort()),
    validation: held > 0 ? part(order.slice(0, held).sort()) : undefined,
  };
}

/** Reads a dataset in an order that is a function of seed and epoch. */
function shuffled<Example>(dataset: ExampleDataset<Example>, seed: number): ExampleReader<Example> {
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
function inOrder<Example>(data: Iterable<Example> | AsyncIterable<Example>): ExampleReader<Example> {
  let iterator: AsyncIterator<Example> | undefined;
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
        if (place.row > row) return { example: value as Example, next: place };
      }
    },
  };
}

async function* iterate<Example>(data: Iterable<Example> | AsyncIterable<Example>): AsyncGenerator<Example> {
  yield* data;
}

function ended(examples: number): Gpt2Error {
  return new Gpt2Error(
    'invalid-option',
    `data ended after ${examples} examples, and gives none when it is iterated again; give an array, an object whose ` +
      'iterator starts anew each time, or fewer steps',
  );
}
