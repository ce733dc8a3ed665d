import type { CoreSequence, ModelCore } from '../../core/types.js';

/** A model that reads the texts of a batch, one after the other, in pieces. */
export class Teacher {
  readonly core: ModelCore;
  #sequence: CoreSequence | undefined;

  constructor(core: ModelCore) {
    this.core = core;
  }

  /**
   * Passes the distribution after each token from..to - 1 of a text to `read`, with the token's index in the text; the
   * array is valid only during the call. Keys and values of the text stay for its next piece, until another text is read.
   */
  async read(
    text: readonly number[],
    from: number,
    to: number,
    read: (distribution: Float32Array, index: number) => void,
  ): Promise<void> {
    // One for sessions keeps its pages while the head works on a tile; a private one leaves none behind.
    this.#sequence ??= this.core.sequence('session', true);
    await this.#sequence.evaluate({
      tokens: text.slice(0, to),
      first: from,
      read: (row, index) => read(row.softmax(1), index),
    });
  }

  /** Frees the keys and values of the latest text. */
  rest(): void {
    this.#sequence?.release();
    this.#sequence = undefined;
  }
}
