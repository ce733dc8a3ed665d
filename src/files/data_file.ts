/** How a file holds its documents: see `readDocuments`. */
export type DataFormat = 'text' | 'lines' | 'jsonl';

/**
 * The format by a file's name: JSON lines or text. Names do not tell `lines`, one text a line, which the
 * caller chooses.
 */
export function dataFormat(name: string): DataFormat {
  return /\.(?:jsonl|ndjson)(?:\.gz)?$/i.test(name) ? 'jsonl' : 'text';
}

/** A file of training data, wherever it is. */
export interface DataFile {
  /** Its name in messages. */
  readonly name: string;
  /** How the file holds its documents. */
  readonly format: DataFormat;
  /** Bytes as stored, for progress. */
  readonly byteLength: number;
  /** The file's bytes in order, decompressed; calls `onRead` with the number of stored bytes read. */
  read(signal?: AbortSignal, onRead?: (position: number) => void): AsyncIterable<Uint8Array>;
}

/** A document, or a part of one: long texts come in parts that end where a word of the tokenizer ends. */
export interface DocumentPart {
  /** Name of the file that it comes from. */
  readonly file: string;
  /** The line that it begins in, from 1. */
  readonly line: number;
  /** Text before `text` that is read but not learned; '' except for JSON lines with a prompt. */
  readonly prompt: string;
  /** Text that is learned. */
  readonly text: string;
  /** Whether the document ends with this part. */
  readonly last: boolean;
}
