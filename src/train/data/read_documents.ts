import { checkOptionNames } from '../../check_options.js';
import { throwIfAborted } from '../../errors.js';
import type { DataFile, DocumentPart } from './data_file.js';
import { readJsonLines } from './jsonl_documents.js';
import { readLineDocuments } from './lines.js';
import { readTextDocuments } from './text_documents.js';

/** How far reading is: stored bytes of all files, and the file being read. */
export interface ReadProgress {
  readonly loaded: number;
  readonly total: number;
  readonly file: string;
}

export interface ReadDocumentsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

const READERS = { text: readTextDocuments, lines: readLineDocuments, jsonl: readJsonLines };

/**
 * The documents of files in order. In text files `<|endoftext|>` separates documents; files of format `lines` have one in
 * each line; JSON lines too, as `{ "text" }` or as `{ "prompt", "completion" }`. Never holds more than a part of a document.
 * Throws `invalid-file` with file and line, what reading a file throws, and `aborted`.
 */
export async function* readDocuments(
  files: readonly DataFile[],
  options: ReadDocumentsOptions = {},
): AsyncGenerator<DocumentPart> {
  checkOptionNames('readDocuments', options, ['signal', 'onProgress']);
  const { signal, onProgress } = options;
  const total = files.reduce((sum, file) => sum + file.byteLength, 0);
  let before = 0;
  for (const file of files) {
    const onRead = (position: number) => {
      throwIfAborted(signal, `reading ${file.name}`);
      onProgress?.({ loaded: before + position, total, file: file.name });
    };
    try {
      yield* READERS[file.format](file, signal, onRead);
    } catch (error) {
      throwIfAborted(signal, `reading ${file.name}`); // a file may reject with the signal's reason
      throw error;
    }
    before += file.byteLength;
  }
}
