/** The strings of an array in a header, decoded only when they are asked for: a tokenizer has 100,000. */
export class StringList implements Iterable<string> {
  /** `bytes`: the start of the file; string i is the UTF-8 in bytes[starts[i], ends[i]). */
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(bytes: Uint8Array, starts: Int32Array, ends: Int32Array) {
    this.bytes = bytes;
    this.starts = starts;
    this.ends = ends;
  }

  get length(): number {
    return this.starts.length;
  }

  /** String i; `undefined` if the list is shorter. */
  at(i: number): string | undefined {
    if (!(i >= 0 && i < this.length)) return undefined;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      this.bytes.subarray(this.starts[i], this.ends[i]),
    );
  }

  *[Symbol.iterator](): Generator<string> {
    for (let i = 0; i < this.length; i++) yield this.at(i)!;
  }
}
