/** The part of a tokenizer that turns text into token ids; the first implementation is byte-level BPE. */
export interface Encoder {
  /**
   * Appends the ids of a text, well-formed UTF-8, to `ids`; returns false if `ids` has then, or would have, more than
   * `most`, and leaves the rest undone.
   */
  encode(utf8: Uint8Array, ids: number[], most: number): boolean;
}
