import { asBytes } from '../../base/bytes.js';
import { checkArray, checkIterable } from '../../base/check_lists.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { throwIfAborted } from '../../base/errors.js';
import type { DataFile, DocumentPart } from '../../files/data_file.js';
import { readJsonLines } from './jsonl_documents.js';
import { readLineDocuments } from './lines.js';
import type { Skipping } from './skipping.js';
import { readTextDocuments } from './text_documents.js';

/** Progress of reading: stored bytes of all files, and the file being read. */
export interface ReadProgress {
  /** Stored bytes that have been read. */
  readonly loaded: number;
  /** Stored bytes of all files. */
  readonly total: number;
  /** Name of the file that is being read. */
  readonly file: string;
}

/** How documents are read. */
export interface ReadDocumentsOptions extends Skipping {
  /** Ends reading with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called while files are read. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

const READERS = { text: readTextDocuments, lines: readLineDocuments, jsonl: readJsonLines };

/**
 * The documents of files in order. In text files `<|endoftext|>` separates documents; files of format `lines`
 * have one in each line; JSON lines too, as `{ "text" }` or as `{ "prompt", "completion" }`. Never holds more
 * than one part of a document in memory. Throws `invalid-file` with file and line, the errors of reading a
 * file, and `aborted`.
 */
export function readDocuments(
  files: readonly DataFile[],
  options: ReadDocumentsOptions = {},
): AsyncGenerator<DocumentPart> {
  checkOptionNames('readDocuments', options, ['signal', 'onProgress', 'skipInvalid', 'onSkip']);
  const { skipInvalid = false } = options;
  if (typeof skipInvalid !== 'boolean') throw invalidOption('skipInvalid', skipInvalid, 'true or false');
  checkArray('files', files, 'an array of data files, as dataFiles(paths) gives', isDataFile);
  return partsOf(files, options);
}

function isDataFile(file: unknown): boolean {
  if (ArrayBuffer.isView(file)) return false;
  const { name, format, byteLength, read } = (file ?? {}) as Partial<DataFile>;
  const isNamed = typeof name === 'string' && typeof format === 'string' && Object.hasOwn(READERS, format);
  return isNamed && Number.isFinite(byteLength) && typeof read === 'function';
}

/** The chunks of a file as Uint8Arrays of this realm, whatever views and realm its `read` uses. */
async function* bytesOf(file: DataFile, ...args: Parameters<DataFile['read']>): AsyncGenerator<Uint8Array> {
  const chunks = file.read(...args);
  checkIterable(`what read() of ${file.name} gives`, chunks, 'an iterable of Uint8Arrays');
  for await (const chunk of chunks) {
    const bytes = asBytes(chunk);
    if (bytes === undefined) throw invalidOption(`what read() of ${file.name} gives`, chunk, 'Uint8Arrays');
    yield bytes;
  }
}

async function* partsOf(
  files: readonly DataFile[],
  { signal, onProgress, ...skipping }: ReadDocumentsOptions,
): AsyncGenerator<DocumentPart> {
  const total = files.reduce((sum, file) => sum + file.byteLength, 0);
  let before = 0;
  for (const file of files) {
    const onRead = (position: number) => {
      throwIfAborted(signal, `reading ${file.name}`);
      onProgress?.({ loaded: before + position, total, file: file.name });
    };
    try {
      yield* READERS[file.format](
        { ...file, read: (...args) => bytesOf(file, ...args) },
        signal,
        onRead,
        skipping,
      );
    } catch (error) {
      throwIfAborted(signal, `reading ${file.name}`); // a file may reject with the signal's reason
      throw error;
    }
    before += file.byteLength;
  }
}
