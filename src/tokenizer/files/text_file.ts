export interface TextFile {
  /** Its name in messages. */
  readonly label: string;
  readonly text: string;
}
