/** The part of a tokenizer that turns text into token ids; the first implementation is byte-level BPE. */
export interface Encoder {
  /**
   * Appends the ids of a text, well-formed UTF-8, to `ids`. Stops and returns false as soon as `ids` is
   * certain to have more than `most` entries.
   */
  encode(utf8: Uint8Array, ids: number[], most: number): boolean;
}
