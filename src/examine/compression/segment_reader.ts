import { throwIfAborted } from '../../base/errors.js';
import { grown } from '../../base/grown.js';
import type { Core, CoreSequence } from '../../core/types.js';
import type { Window } from '../../score/windows.js';
import { beforeSegment, type Cut, segmentWindows } from './segments.js';

/** A segment that is decoded: its tokens so far, and the probabilities of the next one. */
export class SegmentReader {
  /** Probabilities [V] of the next token, after `predict`. */
  readonly probabilities: Float32Array;
  readonly #tokens: number[];
  readonly #windows: Iterator<Window>;
  readonly #sequence: CoreSequence;
  #window: Window | undefined;
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** `length`: its tokens. */
  constructor(core: Core, cut: Cut, length: number) {
    this.probabilities = new Float32Array(core.config.vocabSize);
    this.#tokens = [beforeSegment(core.config)];
    this.#windows = segmentWindows(length, cut, core.config)[Symbol.iterator]();
    this.#sequence = core.sequence('session');
  }

  /** The decoded bytes. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Computes the probabilities of the next token. Throws `aborted`. */
  async predict(signal: AbortSignal | undefined): Promise<void> {
    if (this.#window === undefined || this.#tokens.length > this.#window.end) {
      this.#window = this.#windows.next().value as Window;
    }
    await this.#sequence.evaluate({
      tokens: this.#tokens.slice(this.#window.start),
      read: (row) => this.probabilities.set(row.softmax(1)),
      signal,
    });
    throwIfAborted(signal, 'decompressing');
  }

  push(token: number): void {
    this.#tokens.push(token);
  }

  write(bytes: Uint8Array): void {
    while (this.#length + bytes.length > this.#bytes.length) this.#bytes = grown(this.#bytes);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  release(): void {
    this.#sequence.release();
  }
}
