/**
 * The files that are looked for in a source: those of a model, a tokenizer or an adapter. A source knows no
 * format; the table of formats says which files these are.
 */
export interface WantedFiles {
  /** Extensions of files each of which is a whole model, such as ".gguf". */
  readonly extensions: readonly string[];
  /** How the files are found at an address, which does not list them. */
  search(): Promise<FileSearch>;
}

/** How files are found at an address: servers do not list them, so they are requested by name. */
export interface FileSearch {
  /** Describes the files for a message: "a model is a folder with config.json, ...". */
  right(): Promise<string>;
  /** The path to request first: the answer shows whether there is a network. */
  readonly first: string;
  /**
   * Asks for all other files in several rounds: the files of a round depend on those found before. Returns
   * the paths without which the found files are useless.
   */
  rest(found: FoundFiles, ask: Ask): Promise<readonly string[]>;
  /** Paths of further files to look for, if a file is given alone. */
  beside(path: string): Promise<readonly string[]>;
  /** Whether an address that ends in this name is that of a file rather than of a folder. */
  isFile(name: string): boolean;
  /** Whether a file that begins with these `FIRST_BYTES` is a whole model, whatever its name. */
  isModel(bytes: Uint8Array): Promise<boolean>;
}

/** Asks for files by their paths; those that exist are among the found files afterwards. */
export type Ask = (paths: readonly string[]) => Promise<void>;

/** The files that were found, by path. */
export type FoundFiles = ReadonlyMap<string, FoundFile>;

export interface FoundFile {
  readonly byteLength: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Bytes at the start of a file by which a format knows its files. */
export const FIRST_BYTES = 4;

/** Whether a file of this name is a whole model. */
export function isWhole(name: string, { extensions }: Pick<WantedFiles, 'extensions'>): boolean {
  return extensions.some((extension) => name.toLowerCase().endsWith(extension));
}
