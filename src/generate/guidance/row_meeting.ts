import type { Evaluation, LogitsRow } from '../../core/types.js';
import type { GuidedRow } from './guided_row.js';
import { type Mixture, mix } from './mix.js';

/** Copies of the rows of one position; 0 is the model's own, the others its helpers'. */
interface Gathered {
  readonly values: (Float32Array | undefined)[];
  /** Final hidden state [C] of the model itself. */
  hidden: Float32Array;
  missing: number;
}

/**
 * The rows of one evaluation by a model and its helpers, which come in any order. Of each position, the last one
 * that comes lends its place in core memory to the model's own row, which is then read.
 */
export class RowMeeting {
  readonly #read: Evaluation['read'];
  readonly #mixtureOf: (values: readonly Float32Array[]) => Mixture;
  readonly #count: number;
  readonly #gathered = new Map<number, Gathered>();

  /** `count`: of the model and its helpers. `mixtureOf` receives the logits of all. */
  constructor(
    count: number,
    mixtureOf: (values: readonly Float32Array[]) => Mixture,
    read: Evaluation['read'],
  ) {
    this.#count = count;
    this.#mixtureOf = mixtureOf;
    this.#read = read;
  }

  /** Receives a row of the `party` for the position `index` of the model. Returns what `Evaluation.read` does. */
  add(party: number, row: LogitsRow, index: number): boolean {
    const gathered = this.#gathered.get(index) ?? { values: [], hidden: row.hidden, missing: this.#count };
    this.#gathered.set(index, gathered);
    gathered.values[party] = row.values.slice();
    if (party === 0) gathered.hidden = row.hidden.slice();
    if (--gathered.missing > 0) return true;
    this.#gathered.delete(index);
    // If it returns false, this party brings no later row, and none of them can be read.
    return this.#read(this.#guidedRow(row, gathered), index) !== false;
  }

  #guidedRow(row: LogitsRow, { values, hidden }: Gathered): GuidedRow {
    const mixture = this.#mixtureOf(values as Float32Array[]);
    row.values.set(mixture.own);
    row.hidden.set(hidden);
    return Object.assign(row, { guide: () => mix(row, mixture) });
  }
}
