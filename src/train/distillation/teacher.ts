import type { CoreSequence, ModelCore } from '../../core/types.js';

/** Consecutive tokens of a batch that begin a text. */
export interface BatchText {
  /** Number of its first token in the batch. */
  readonly first: number;
  readonly tokens: readonly number[];
}

/** A model that reads the texts of a batch, one after the other, in pieces. */
export class Teacher {
  readonly core: ModelCore;
  #text: BatchText | undefined;
  #sequence: CoreSequence | undefined;

  constructor(core: ModelCore) {
    this.core = core;
  }

  /**
   * Passes the distribution after each token from..to - 1 of a text to `read`, with the token's index in the text; the
   * array is valid only during the call. Keys and values of the text before are freed.
   */
  async read(
    text: BatchText,
    from: number,
    to: number,
    read: (distribution: Float32Array, index: number) => void,
  ): Promise<void> {
    if (this.#text !== text) this.rest();
    this.#text = text;
    // Sequences for sessions keep their pages while the head works on a tile; private ones leave none behind.
    this.#sequence ??= this.core.sequence('session', true);
    await this.#sequence.evaluate({
      tokens: text.tokens.slice(0, to),
      first: from,
      read: (row, index) => read(row.softmax(1), index),
    });
  }

  /** Frees the keys and values of the latest text. */
  rest(): void {
    this.#sequence?.release();
    this.#sequence = undefined;
    this.#text = undefined;
  }
}
