import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { ForwardJob } from './abi/job.js';
import { BATCH_ROWS, LOGITS_ROWS } from './layout.js';

/**
 * Target duration of a slice: how long a call on the caller's own thread may keep the event loop waiting. A server's
 * answer on a new connection waits for two slices, and a page misses one frame.
 */
const SLICE_MS = 15;

/** Up to this many rows, a layer's time is that of reading its weights; with more, it grows with the rows. */
const FEW_ROWS = 8;

/** A batch may have so many rows in any case, with which reading the weights is a small part of its time. */
const LEAST_ROWS = 48;

/** One slice of the work on a batch: some layers, and after the last layer some rows of logits. */
export type Slice = Pick<ForwardJob, 'firstLayer' | 'endLayer' | 'wantedRows'>;

/**
 * Cuts the work on a batch into slices of about SLICE_MS, using the measured times of earlier slices. The
 * cuts change no result.
 */
export class LayerSlicer {
  readonly #layers: number;
  /** Size of the head's weights relative to one layer's. */
  readonly #head: number;
  /** Milliseconds of a layer for up to FEW_ROWS rows; infinite until a slice was measured. */
  #fewRowsMs = Number.POSITIVE_INFINITY;
  /** Milliseconds of a layer for each row, with more rows than that. */
  #perRowMs = Number.POSITIVE_INFINITY;

  constructor({ channels, innerChannels, vocabSize, layers }: ModelConfig) {
    this.#layers = layers;
    this.#head = vocabSize / (4 * channels + 2 * innerChannels);
  }

  /** The rows of a batch of which one layer takes a slice. */
  get mostRows(): number {
    return Math.min(BATCH_ROWS, Math.max(LEAST_ROWS, Math.floor(SLICE_MS / this.#perRowMs)));
  }

  /**
   * The next slice of a batch of `rows`, starting at `firstLayer`; `logits` is the number of logits rows
   * still to compute.
   */
  next(rows: number, firstLayer: number, logits: number): Slice {
    const left = this.#layers - firstLayer;
    const most = Math.max(1, Math.floor(SLICE_MS / this.#layerMs(rows)));
    const endLayer = firstLayer + Math.min(left, most);
    if (most < left) return { firstLayer, endLayer, wantedRows: 0 };
    const rest = left === 0 ? SLICE_MS : SLICE_MS - left * this.#layerMs(rows);
    let wantedRows = Math.min(LOGITS_ROWS, logits);
    while (wantedRows > 0 && this.#head * this.#layerMs(wantedRows) > rest) wantedRows--;
    // A slice must do some work, and the logits of a few rows take no longer than those of one.
    if (left === 0) wantedRows = Math.max(wantedRows, Math.min(FEW_ROWS, logits));
    return { firstLayer, endLayer, wantedRows };
  }

  /** Records the duration of a slice, from which later slices are cut. */
  record(ms: number, rows: number, { firstLayer, endLayer, wantedRows }: Slice): void {
    const layers = endLayer - firstLayer;
    if (layers === 0) this.#learn(wantedRows, ms / this.#head);
    // The last layer computes little for rows whose results nobody wants: its time says nothing about the others.
    else if (firstLayer > 0 && endLayer === this.#layers) return;
    else if (wantedRows === 0) this.#learn(rows, ms / layers);
    else {
      // Both times are known here: `next` puts layers and logits into one slice only then.
      const expected = layers * this.#layerMs(rows) + this.#head * this.#layerMs(wantedRows);
      const factor = expected > 0 ? ms / expected : 1;
      const [ofRows, ofLogits] = [this.#layerMs(rows), this.#layerMs(wantedRows)];
      this.#learn(rows, expected > 0 ? factor * ofRows : ms / layers);
      if (rows > FEW_ROWS !== wantedRows > FEW_ROWS) this.#learn(wantedRows, factor * ofLogits);
    }
  }

  #learn(rows: number, layerMs: number): void {
    if (rows > FEW_ROWS) this.#perRowMs = layerMs / rows;
    else this.#fewRowsMs = layerMs;
  }

  #layerMs(rows: number): number {
    return rows > FEW_ROWS ? this.#perRowMs * rows : this.#fewRowsMs;
  }
}
