/** Where a model's files are written: a folder, or memory in a browser. Nothing is in its place before `commit`. */
export interface ModelTarget {
  /** What a message calls this target. */
  readonly name: string;
  /** Writes a file of this name, in chunks that may be changed once the next one is asked for. */
  write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Puts all written files in their places, over files of the same names. */
  commit(): Promise<void>;
  /** Removes what was written since the last `commit`. */
  discard(): Promise<void>;
}
