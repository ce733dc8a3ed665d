import { throwIfAborted } from '../errors.js';
import type { RemoteFile } from './remote_file.js';
import { shown } from './request.js';

/** A file that is open for reading, wherever its bytes are. */
export interface StoredFile {
  readonly byteLength: number;
  /** Bytes `start` to `end`, which may be put into `into`. One read runs at a time. */
  read(start: number, end: number, signal?: AbortSignal, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Bytes in memory or in the runtime's storage. */
export class BlobFile implements StoredFile {
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get byteLength(): number {
    return this.#blob.size;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    return new Uint8Array(await this.#blob.slice(start, end).arrayBuffer());
  }

  async close(): Promise<void> {}
}

/**
 * What a connection is not closed for: so many bytes are read and left. Servers without ranges send everything again
 * for a new one, and the buffers between two tensors of a checkpoint are smaller.
 */
const SKIP_BYTES = 16 * 2 ** 20;

/** A file on a server, read through one connection as long as the reads follow each other. */
export class StreamedFile implements StoredFile {
  readonly file: RemoteFile;
  #chunks: AsyncGenerator<Uint8Array<ArrayBuffer>, void> | undefined;
  /** Bytes that came and were not asked for yet; they begin at `#position`. */
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #position = 0;
  /** What the latest read from byte 0 gave: the weights begin within what is read to find the header's end. */
  #beginning: Uint8Array = new Uint8Array(0);

  constructor(file: RemoteFile) {
    this.file = file;
  }

  get byteLength(): number {
    return this.file.byteLength;
  }

  async read(
    start: number,
    end: number,
    signal?: AbortSignal,
    into?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array> {
    const bytes = into?.subarray(0, end - start) ?? new Uint8Array(end - start);
    const known = this.#beginning.subarray(start, end);
    bytes.set(known);
    const filled =
      known.length + (await this.#stream(start + known.length, bytes.subarray(known.length), signal));
    if (start === 0) this.#beginning = bytes.slice(0, filled);
    return bytes.subarray(0, filled);
  }

  async close(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    this.#rest = new Uint8Array(0);
    await chunks?.return();
  }

  /** Fills `bytes` with those from `start` on, as far as the file goes, and tells how many they are. */
  async #stream(start: number, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<number> {
    if (bytes.length === 0) return 0;
    const end = start + bytes.length;
    const gap = start - this.#position;
    if (this.#chunks === undefined || gap < 0 || gap > SKIP_BYTES) {
      await this.close();
      this.#chunks = this.file.bytes(start, signal);
      this.#position = start;
    }
    while (this.#position < end) {
      throwIfAborted(signal, `reading ${shown(this.file.url)}`);
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) break;
        this.#rest = value;
      }
      const until = this.#position < start ? start : end;
      const taken = Math.min(this.#rest.length, until - this.#position);
      if (until === end) bytes.set(this.#rest.subarray(0, taken), this.#position - start);
      this.#position += taken;
      this.#rest = this.#rest.subarray(taken);
    }
    return Math.max(0, this.#position - start);
  }
}
