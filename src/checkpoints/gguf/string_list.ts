/** The strings of an array in a header. They stay bytes until they are asked for: a tokenizer has 100,000. */
export class StringList implements Iterable<string> {
  /** The file's first bytes, and where in them each string begins and ends: UTF-8. */
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

  /** String i, `undefined` where there is none. */
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
