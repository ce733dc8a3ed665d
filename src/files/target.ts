/** Where a model's files are written: a folder, or memory in a browser. Nothing is in its place before `commit`. */
export interface ModelTarget {
  /** What a message calls this target. */
  readonly name: string;
  /** Writes a file of this name, in chunks that may be changed once the next one is asked for. */
  write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Lets a file that may be there be gone after `commit`. */
  remove(path: string): Promise<void>;
  /** Puts all written files in their places, over files of the same names. */
  commit(): Promise<void>;
  /** Forgets what was written and removed since the last `commit`. */
  discard(): Promise<void>;
}
