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

/** A batch has no fewer rows than this, so that reading the weights stays a small part of its time, */
const LEAST_ROWS = 48;
/** and a multiple of these, since the kernels compute so many together. */
const TILE_ROWS = 12;

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
  /** Share of a layer's work that the last layer does for all rows: their keys and values. */
  readonly #keysAndValues: number;
  /** Milliseconds of a layer for up to FEW_ROWS rows; infinite until a slice was measured. */
  #fewRowsMs = Number.POSITIVE_INFINITY;
  /** Milliseconds of a layer for each row, with more rows than that. */
  #perRowMs = Number.POSITIVE_INFINITY;

  constructor({ channels, innerChannels, vocabSize, layers }: ModelConfig) {
    this.#layers = layers;
    this.#head = vocabSize / (4 * channels + 2 * innerChannels);
    this.#keysAndValues = channels / (2 * channels + innerChannels);
  }

  /** The rows of a batch of which one layer takes a slice. */
  get mostRows(): number {
    const rows = TILE_ROWS * Math.floor(SLICE_MS / this.#perRowMs / TILE_ROWS);
    return Math.min(BATCH_ROWS, Math.max(LEAST_ROWS, rows));
  }

  /**
   * The next slice of a batch of `rows`, starting at `firstLayer`; `logits` is the number of logits rows
   * still to compute.
   */
  next(rows: number, firstLayer: number, logits: number): Slice {
    const isLayers = firstLayer < this.#layers;
    let slice: Slice = {
      firstLayer,
      endLayer: isLayers ? firstLayer + 1 : firstLayer,
      // A slice must do some work, and the logits of a few rows take no longer than those of one.
      wantedRows: isLayers ? 0 : Math.min(FEW_ROWS, logits),
    };
    for (;;) {
      const { endLayer, wantedRows } = slice;
      const longer =
        endLayer < this.#layers
          ? { firstLayer, endLayer: endLayer + 1, wantedRows }
          : { firstLayer, endLayer, wantedRows: wantedRows + 1 };
      const isMost = longer.wantedRows > Math.min(LOGITS_ROWS, logits);
      if (isMost || !(this.#expectedMs(rows, longer, logits) <= SLICE_MS)) return slice;
      slice = longer;
    }
  }

  /** Records the duration of a slice, from which later slices are cut; `logits` as for `next`. */
  record(ms: number, rows: number, slice: Slice, logits: number): void {
    const { firstLayer, endLayer, wantedRows } = slice;
    const layers = endLayer - firstLayer;
    const expected = this.#expectedMs(rows, slice, logits);
    const [ofRows, ofLogits] = [this.#layerMs(rows), this.#layerMs(wantedRows)];
    const isKnown = expected > 0 && expected < Number.POSITIVE_INFINITY;
    // The last layer alone, of which most rows need little, says nothing about the others.
    const isTypical = layers > 1 || endLayer < this.#layers || this.#layers === 1;
    if (layers === 0) this.#learn(wantedRows, ms / this.#head);
    else if (isKnown) {
      if (isTypical) this.#learn(rows, (ms / expected) * ofRows);
      if (wantedRows > 0 && rows > FEW_ROWS !== wantedRows > FEW_ROWS)
        this.#learn(wantedRows, (ms / expected) * ofLogits);
    } else if (isTypical) this.#learn(rows, ms / layers);
  }

  /** The last layer computes keys and values of all rows, and the rest only for those whose results are wanted. */
  #expectedMs(rows: number, { firstLayer, endLayer, wantedRows }: Slice, logits: number): number {
    const hasLast = firstLayer < this.#layers && endLayer === this.#layers;
    const share = this.#keysAndValues;
    const times = (count: number, of: number) => (count > 0 ? count * this.#layerMs(of) : 0);
    return (
      times(endLayer - firstLayer - (hasLast ? 1 - share : 0), rows) +
      times(hasLast && logits > 0 ? 1 - share : 0, logits) +
      times(wantedRows && this.#head, wantedRows)
    );
  }

  #learn(rows: number, layerMs: number): void {
    if (rows > FEW_ROWS) this.#perRowMs = layerMs / rows;
    else this.#fewRowsMs = layerMs;
  }

  #layerMs(rows: number): number {
    return rows > FEW_ROWS ? this.#perRowMs * rows : this.#fewRowsMs;
  }
}
