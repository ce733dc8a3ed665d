import { type EncoderConfig, patchCount, patchLength, stateCount } from '../../architecture/vit/config.js';

/** Target duration of a slice, as that of a decoder's. */
const SLICE_MS = 15;

/**
 * Cuts the steps of encoding an image, those of `encode` in assembly/models/encoder.ts, into slices of about
 * SLICE_MS, using the measured time of earlier slices. The cuts change no result.
 */
export class EncoderSlicer {
  /** Multiplications of each step. */
  readonly #costs: readonly number[];
  /** Milliseconds for each multiplication; infinite until a slice was measured. */
  #rate = Number.POSITIVE_INFINITY;

  constructor(config: EncoderConfig) {
    const { channels, innerChannels, layers, outputChannels = 0 } = config;
    const states = stateCount(config);
    const columns = [3 * channels, channels + 2 * states, innerChannels, innerChannels];
    const layer = columns.map((count) => states * channels * count);
    this.#costs = [
      patchCount(config) * patchLength(config) * channels,
      ...Array.from({ length: layers }, () => layer).flat(),
      states * channels * (outputChannels + 1),
    ];
  }

  /** How many steps there are. */
  get steps(): number {
    return this.#costs.length;
  }

  /** The step before which a slice ends that begins with `firstStep`. */
  next(firstStep: number): number {
    let ms = 0;
    let end = firstStep;
    do ms += this.#costs[end++]! * this.#rate;
    while (end < this.steps && ms + this.#costs[end]! * this.#rate <= SLICE_MS);
    return end;
  }

  /** Records the duration of a slice. */
  record(ms: number, firstStep: number, endStep: number): void {
    const cost = this.#costs.slice(firstStep, endStep).reduce((sum, one) => sum + one);
    this.#rate = ms / cost;
  }
}
