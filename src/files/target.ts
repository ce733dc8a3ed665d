/**
 * The place that a model's files are written to: a folder, or memory in a browser. No file is in its place
 * before `commit`.
 */
export interface ModelTarget {
  /** Name of this target in messages. */
  readonly name: string;
  /** Writes a file of this name, in chunks that may be changed once the next one is requested. */
  write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes a file, if there is one, at the next `commit`. */
  remove(path: string): Promise<void>;
  /** Puts all written files in their places, over files of the same names. */
  commit(): Promise<void>;
  /** Undoes all writes and removals since the last `commit`. */
  discard(): Promise<void>;
}
