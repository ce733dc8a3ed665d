import { throwIfAborted } from '../../base/errors.js';
import type { RemoteFile } from './remote_file.js';
import { shown } from './request.js';

/** A file that is open for reading, wherever its bytes are. */
export interface StoredFile {
  readonly byteLength: number;
  /**
   * Bytes `start` to `end`. Headers are read without `into`; weights, which are larger, are put into it. One
   * read runs at a time.
   */
  read(start: number, end: number, signal?: AbortSignal, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** A file in memory or in the runtime's storage. */
export function blobFile(blob: Blob): StoredFile {
  return {
    byteLength: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/**
 * Longest gap between two reads that is skipped by reading on instead of opening a new connection: servers
 * without ranges send everything again for a new one. Unused tensors between two weights are smaller.
 */
const SKIP_BYTES = 16 * 2 ** 20;

/** Most bytes kept from the start of a file: the headers with the largest vocabularies have 20 MB. */
const KEPT_BYTES = 32 * 2 ** 20;

/** A file on a server, read through one connection as long as the reads follow each other. */
export class StreamedFile implements StoredFile {
  readonly file: RemoteFile;
  #chunks: AsyncGenerator<Uint8Array<ArrayBuffer>, void> | undefined;
  /** Bytes that were received and not read yet; they begin at `#position`. */
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #position = 0;
  /** The first bytes of the file, as far as headers were read: a later read begins in them or after them. */
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array(0);

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
    const known = this.#kept.subarray(start, end);
    bytes.set(known);
    const added = await this.#stream(start + known.length, bytes.subarray(known.length), signal);
    const filled = bytes.subarray(0, known.length + added);
    const follows = start <= this.#kept.length && start + filled.length > this.#kept.length;
    if (into === undefined && follows && start + filled.length <= KEPT_BYTES) this.#keep(filled, start);
    return filled;
  }

  /**
   * All bytes of the file. Bytes that were read already are not fetched again. Other reads must have ended.
   */
  async *all(signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const chunks = this.#chunks;
    if (chunks === undefined || this.#position !== this.#kept.length) {
      await this.#end();
      yield* this.file.bytes(0, signal);
      return;
    }
    const beginning = [this.#kept, this.#rest];
    this.#forget();
    try {
      for (const bytes of beginning) if (bytes.length > 0) yield bytes;
      yield* chunks;
    } finally {
      await chunks.return();
    }
  }

  async close(): Promise<void> {
    await this.#end();
    await this.file.close();
  }

  /** Closes the connection that is read from. */
  async #end(): Promise<void> {
    const chunks = this.#chunks;
    this.#forget();
    await chunks?.return();
  }

  #forget(): void {
    this.#chunks = undefined;
    this.#rest = new Uint8Array(0);
  }

  #keep(bytes: Uint8Array, start: number): void {
    const longer = new Uint8Array(start + bytes.length);
    longer.set(this.#kept);
    longer.set(bytes, start);
    this.#kept = longer;
  }

  /** Fills `bytes` from position `start` of the file; returns how many bytes the file had. */
  async #stream(start: number, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<number> {
    if (bytes.length === 0) return 0;
    const end = start + bytes.length;
    const gap = start - this.#position;
    if (this.#chunks === undefined || gap < 0 || gap > SKIP_BYTES) {
      await this.#end();
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
