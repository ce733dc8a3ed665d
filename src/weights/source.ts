import { Gpt2Error } from '../errors.js';

/** One file of a model: its path inside the source, with `/` between folders, and its size in bytes. */
export interface SourceFile {
  readonly path: string;
  readonly byteLength: number;
}

/**
 * Where a model's files are. Folders, URLs, dropped files and bytes in memory are all read through this.
 */
export interface ModelSource {
  /** What a message calls this source: a path or an address its owner recognises. */
  readonly name: string;
  /** Every file that can be read. */
  list(signal?: AbortSignal): Promise<SourceFile[]>;
  /**
   * Bytes `start` (inclusive) to `end` (exclusive) of a listed file; fewer bytes come back only where the file is
   * shorter. A source that can read into memory it is given may fill `into`, which has room for `end - start`
   * bytes, and return a view of it: weights then stream through one buffer.
   */
  read(
    path: string,
    start: number,
    end: number,
    signal?: AbortSignal,
    into?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array>;
}

/** Throws `invalid-option` for an object that cannot be read as a model source. */
export function assertModelSource(value: unknown): asserts value is ModelSource {
  const source = (typeof value === 'object' && value !== null ? value : {}) as Partial<ModelSource>;
  if (
    typeof source.list !== 'function' ||
    typeof source.read !== 'function' ||
    typeof source.name !== 'string'
  ) {
    throw new Gpt2Error(
      'invalid-option',
      'a model source needs a name and the functions list() and read(path, start, end)',
    );
  }
}
