import type { ModelConfig } from '../config.js';
import type { Job } from './job.js';

/** How long a slice of work takes, about: what an event loop can wait for. */
const SLICE_MS = 40;

/** Up to so many rows, reading the weights takes most of the time and not the arithmetic. */
const FEW_ROWS = 8;

/**
 * Cuts the layers of a block into slices, by how long the latest slice took. Where a block is cut leaves no trace
 * in any result.
 */
export class Pace {
  /** The head's weights as a share of a layer's. */
  readonly #head: number;
  /** Milliseconds of a layer for FEW_ROWS rows or fewer, and for each row of more; unknown before the first slice. */
  #ofFew = Number.POSITIVE_INFINITY;
  #perRow = Number.POSITIVE_INFINITY;

  constructor({ channels, innerChannels, vocabSize }: ModelConfig) {
    this.#head = vocabSize / (4 * channels + 2 * innerChannels);
  }

  /** Layers to do at once, 1 or more. */
  layers(rows: number): number {
    const ofLayer = rows > FEW_ROWS ? this.#perRow * rows : this.#ofFew;
    return Math.max(1, Math.floor(SLICE_MS / ofLayer));
  }

  took(ms: number, { rows, firstLayer, endLayer, logitsRows }: Job): void {
    const layers = endLayer - firstLayer;
    if (rows > FEW_ROWS) this.#perRow = ms / (rows * layers + logitsRows * this.#head);
    else this.#ofFew = ms / (layers + (logitsRows > 0 ? this.#head : 0));
  }
}
