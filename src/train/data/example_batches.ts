import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Batch } from '../../core/training/batch.js';
import type { BatchSource } from '../loop_run.js';
import type { DataPosition } from './batches.js';
import type { ExampleReader } from './examples.js';

/** How examples become batches. */
export interface ExampleRows<Example, Row> {
  /** B: examples of a batch. */
  readonly rows: number;
  /** An example as messages show it. */
  readonly wanted: string;
  /** The numbers of an example. Throws `invalid-option`. */
  row(example: Example): Row | Promise<Row>;
  /** A batch of some rows, which is as long as the longest of them. */
  batch(rows: readonly Row[]): Batch;
}

/** Gives the batches of a run from a position on, and the rows of an epoch, 0 if they are not known. */
export const batchesFrom =
  <Example, Row>(
    training: ExampleReader<Example>,
    held: () => AsyncIterable<Example> | undefined,
    shape: ExampleRows<Example, Row>,
  ) =>
  (position?: DataPosition): { readonly source: BatchSource; readonly rowsPerEpoch: number } => ({
    source: new ExampleBatches(training, held, shape, position),
    rowsPerEpoch: training.length ?? 0,
  });

/** Batches of a run over examples. */
export class ExampleBatches<Example, Row> implements BatchSource {
  readonly #training: ExampleReader<Example>;
  readonly #held: () => AsyncIterable<Example> | undefined;
  readonly #shape: ExampleRows<Example, Row>;
  #position: DataPosition;

  constructor(
    training: ExampleReader<Example>,
    held: () => AsyncIterable<Example> | undefined,
    shape: ExampleRows<Example, Row>,
    position: DataPosition = { epoch: 0, row: 0 },
  ) {
    this.#training = training;
    this.#held = held;
    this.#shape = shape;
    this.#position = position;
  }

  get position(): DataPosition {
    return this.#position;
  }

  seek(position: DataPosition): void {
    this.#position = position;
  }

  async next(): Promise<Batch> {
    const rows: Row[] = [];
    let position = this.#position;
    while (rows.length < this.#shape.rows) {
      const { example, next } = await this.#training.read(position);
      rows.push(await this.#row(example, `example ${next.row} of epoch ${next.epoch + 1}`));
      position = next;
    }
    this.#position = position;
    return this.#shape.batch(rows);
  }

  validation(): AsyncIterable<Batch> | undefined {
    const examples = this.#held();
    return examples && this.#batches(examples);
  }

  async *#batches(examples: AsyncIterable<Example>): AsyncGenerator<Batch> {
    let rows: Row[] = [];
    let count = 0;
    for await (const example of examples) {
      rows.push(await this.#row(example, `held-out example ${++count}`));
      if (rows.length < this.#shape.rows) continue;
      yield this.#shape.batch(rows);
      rows = [];
    }
    if (rows.length > 0) yield this.#shape.batch(rows);
    if (count === 0) throw new Gpt2Error('invalid-option', 'validation has no examples');
  }

  async #row(example: Example, where: string): Promise<Row> {
    try {
      if (typeof example !== 'object' || example === null) {
        throw invalidOption('the example', example, `an object ${this.#shape.wanted}`);
      }
      return await this.#shape.row(example);
    } catch (error) {
      if (!(error instanceof Gpt2Error) || error.code === 'aborted') throw error;
      throw new Gpt2Error(error.code, `${where}: ${error.message}`, { cause: error });
    }
  }
}
