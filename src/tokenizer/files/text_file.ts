export interface TextFile {
  /** What messages call it. */
  readonly label: string;
  readonly text: string;
}
