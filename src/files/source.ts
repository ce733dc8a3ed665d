/** One file of a model: its path inside the source, with `/` between folders, and its size in bytes. */
export interface SourceFile {
  /** Path inside the source, with `/` between folders. */
  readonly path: string;
  /** Size in bytes. */
  readonly byteLength: number;
}

/**
 * The place of a model's files. Folders, URLs, dropped files and bytes in memory are all read through this.
 */
export interface ModelSource {
  /** Name of this source in messages: a path or an address that its owner recognises. */
  readonly name: string;
  /** Every file that can be read. */
  list(signal?: AbortSignal): Promise<SourceFile[]>;
  /**
   * Bytes `start` (inclusive) to `end` (exclusive) of a listed file; fewer bytes come back only if the file
   * is shorter. A source that can read into given memory may fill `into`, which has room for `end - start`
   * bytes, and return a view of it: weights then stream through one buffer.
   */
  read(
    path: string,
    start: number,
    end: number,
    signal?: AbortSignal,
    into?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array>;
  /**
   * Downloads whole files and checks them, if reading them in pieces from their place would be slow.
   * `loadModel` calls it for the weight files before it reads them.
   */
  download?(paths: readonly string[], options?: DownloadOptions): Promise<void>;
  /** Ends connections that reading has left open; called by a function that opened the source itself. */
  close?(): Promise<void>;
}

/** Progress of a download, in bytes over all files. */
export interface DownloadProgress {
  /** The file that is being downloaded. */
  readonly file: string;
  /** Bytes of all files together. */
  readonly total: number;
  /** Bytes that are present; at last `total`. */
  readonly loaded: number;
  /** Of these, bytes that were present before and did not come over the network. */
  readonly cached: number;
}

/** How files are downloaded. */
export interface DownloadOptions {
  /** Ends the download with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called once before the first byte arrives, and with every piece. */
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
}

/** Whether a path names a file inside a source, also once it is joined to a folder's path or a URL. */
export function isInside(path: string): boolean {
  return (
    !/[\\:?#%\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}
