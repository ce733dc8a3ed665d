import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';

const PAGE = 65536;

/** The limit of a 32-bit WebAssembly memory: 4 GiB. */
const MAX_PAGES = 65536;
/** The same in bytes. */
export const MOST_MEMORY: number = MAX_PAGES * PAGE;

/** A number of bytes for messages. */
export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function tooLarge(bytes: number, cause?: unknown): Gpt2Error {
  const limit = MOST_MEMORY;
  const needed = `the model needs ${mebibytes(bytes)} of WebAssembly memory`;
  const why = bytes > limit ? `at most ${mebibytes(limit)} can be had` : 'this runtime did not give it';
  return new Gpt2Error('out-of-memory', `${needed}; ${why}`, { cause });
}

/** Throws `invalid-option` unless this is undefined or a number of bytes. */
export function checkMaxMemory(bytes: number | undefined): void {
  if (bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0)) return;
  throw invalidOption('maxMemory', bytes, 'a number of bytes');
}

/** The core's linear memory. Regions are reserved one after the other, and are never moved or freed. */
export class CoreMemory {
  readonly memory: WebAssembly.Memory;
  #end: number;

  /**
   * Allocates `bytes`; `reserve` grows the memory beyond them. Threads need a `shared` memory. Throws
   * `out-of-memory`.
   */
  constructor(bytes: number, shared: boolean) {
    const pages = Math.ceil(bytes / PAGE);
    if (pages > MAX_PAGES) throw tooLarge(bytes);
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: MAX_PAGES, shared });
    } catch (cause) {
      throw tooLarge(bytes, cause);
    }
    this.#end = 0;
  }

  /** Lets regions begin at this address; the binary's own data lies below it. */
  startAt(address: number): void {
    this.#end = address;
  }

  /** The address of a new region of zeros, a multiple of 64. Throws `out-of-memory`. */
  reserve(bytes: number): number {
    const start = Math.ceil(this.#end / 64) * 64;
    const missing = Math.ceil((start + bytes - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch (cause) {
        throw tooLarge(start + bytes, cause);
      }
    }
    this.#end = start + bytes;
    return start;
  }

  /** The address after the last region. */
  get end(): number {
    return this.#end;
  }

  /** Size of the memory in bytes, used or not. */
  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  bytes(start: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, start, length);
  }

  f32(start: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, start, length);
  }

  f64(start: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, start, length);
  }

  i32(start: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, start, length);
  }
}
