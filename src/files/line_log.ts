/** A text file that grows by lines. */
export interface LineLog {
  /** Its name in messages. */
  readonly name: string;
  /** The lines so far without their line breaks; the last one may be cut off. */
  read(): AsyncIterable<string>;
  /** Adds a line. Resolves once the system has taken it. */
  append(line: string): Promise<void>;
  /** Closes the file. */
  close(): Promise<void>;
}
