import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Job } from './abi/job.js';
import { LOGITS_ROWS } from './layout.js';

/** How long a slice of work takes, about: what an event loop can wait for. */
const SLICE_MS = 40;

/** Up to so many rows, reading the weights takes most of the time and not the arithmetic. */
const FEW_ROWS = 8;

/** The work of a slice: layers, and then rows of logits. */
export type Slice = Pick<Job, 'firstLayer' | 'endLayer' | 'logitsRows'>;

/**
 * Cuts the work on a block into slices, by how long the latest slices took. Where it is cut leaves no trace in any
 * result.
 */
export class Pace {
  readonly #layers: number;
  /** The head's weights as a share of a layer's. */
  readonly #head: number;
  /** Milliseconds of a layer for FEW_ROWS rows or fewer, and for each row of more; unknown before the first slice. */
  #ofFew = Number.POSITIVE_INFINITY;
  #perRow = Number.POSITIVE_INFINITY;

  constructor({ channels, innerChannels, vocabSize, layers }: ModelConfig) {
    this.#layers = layers;
    this.#head = vocabSize / (4 * channels + 2 * innerChannels);
  }

  /** The next slice of a block of `rows`, from a layer on; `logits` are the rows of logits that are left. */
  next(rows: number, firstLayer: number, logits: number): Slice {
    const left = this.#layers - firstLayer;
    const most = Math.max(1, Math.floor(SLICE_MS / this.#layerMs(rows)));
    const endLayer = firstLayer + Math.min(left, most);
    if (most < left) return { firstLayer, endLayer, logitsRows: 0 };
    const rest = left === 0 ? SLICE_MS : SLICE_MS - left * this.#layerMs(rows);
    let logitsRows = Math.min(LOGITS_ROWS, logits);
    while (logitsRows > 0 && this.#head * this.#layerMs(logitsRows) > rest) logitsRows--;
    // A slice has some work, and the logits of a few rows take no longer than those of one.
    if (left === 0) logitsRows = Math.max(logitsRows, Math.min(FEW_ROWS, logits));
    return { firstLayer, endLayer, logitsRows };
  }

  /** Notes how long a slice took. */
  took(ms: number, rows: number, { firstLayer, endLayer, logitsRows }: Slice): void {
    const layers = endLayer - firstLayer;
    if (layers === 0) this.#note(logitsRows, ms / this.#head);
    else if (logitsRows === 0) this.#note(rows, ms / layers);
    else {
      // Both were known, or they would not be in one slice.
      const expected = layers * this.#layerMs(rows) + this.#head * this.#layerMs(logitsRows);
      const factor = expected > 0 ? ms / expected : 1;
      const [ofRows, ofLogits] = [this.#layerMs(rows), this.#layerMs(logitsRows)];
      this.#note(rows, expected > 0 ? factor * ofRows : ms / layers);
      if (rows > FEW_ROWS !== logitsRows > FEW_ROWS) this.#note(logitsRows, factor * ofLogits);
    }
  }

  #note(rows: number, layerMs: number): void {
    if (rows > FEW_ROWS) this.#perRow = layerMs / rows;
    else this.#ofFew = layerMs;
  }

  #layerMs(rows: number): number {
    return rows > FEW_ROWS ? this.#perRow * rows : this.#ofFew;
  }
}
