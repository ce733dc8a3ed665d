/** A queue of bytes that keeps its content contiguous. */
export class ByteQueue {
  #buffer: Uint8Array = new Uint8Array(1 << 16);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** A view of all bytes; valid until the next call of `push`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Removes bytes from the front. */
  drop(count: number): void {
    this.#start += count;
  }

  #makeRoom(count: number): void {
    const waiting = this.bytes;
    const needed = waiting.length + count;
    if (2 * needed > this.#buffer.length) this.#buffer = new Uint8Array(4 * needed);
    this.#buffer.set(waiting);
    this.#start = 0;
    this.#end = waiting.length;
  }
}

/** Counts the line breaks in bytes[0, end). */
export function countLines(bytes: Uint8Array, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) lines++;
  return lines;
}
