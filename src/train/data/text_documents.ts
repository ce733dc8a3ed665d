import { Gpt2Error } from '../../base/errors.js';
import { isContinuation } from '../../base/utf8.js';
import type { DataFile, DocumentPart } from '../../files/data_file.js';
import { END_OF_TEXT } from '../../tokenizer/files/settings.js';
import { ByteQueue, countLines } from './byte_queue.js';
import { linesBeforeFault } from './lines.js';
import type { Skipping } from './skipping.js';

/** A longer document is given in parts of about this size. */
const PART_BYTES = 2 ** 20;
/** A part this long is cut between any two characters, even if that can change its tokens. */
const LONGEST_PART_BYTES = 2 ** 24;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const SEPARATOR = new TextEncoder().encode(END_OF_TEXT);
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const WHITE_SPACE = /\p{White_Space}/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The documents of a text file: `<|endoftext|>` separates them, and a file without it is one document. A line
 * break on either side of a separator and one at the end of the file belong to no document; empty documents
 * are left out. Throws `invalid-file`, with the line, if the file is not UTF-8.
 */
export async function* readTextDocuments(
  file: DataFile,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
  { onSkip }: Skipping = {},
): AsyncGenerator<DocumentPart> {
  const cutter = new DocumentCutter(file.name, onSkip);
  for await (const chunk of file.read(signal, onRead)) yield* cutter.push(chunk);
  yield* cutter.end();
}

class DocumentCutter {
  readonly #file: string;
  readonly #onSkip: Skipping['onSkip'];
  readonly #queue = new ByteQueue();
  /** Number of bytes at the front of the queue in which no separator begins. */
  #searched = 0;
  /** Number of bytes at the front of the queue that have no place to cut. */
  #uncut = 0;
  #line = 1;
  #atFileStart = true;
  #atDocumentStart = true;
  /** Whether an earlier part of the document was given out. */
  #begun = false;
  #afterSeparator = false;

  constructor(file: string, onSkip: Skipping['onSkip']) {
    this.#file = file;
    this.#onSkip = onSkip;
  }

  *push(chunk: Uint8Array): Generator<DocumentPart> {
    this.#queue.push(chunk);
    // Fewer bytes may be only the beginning of a byte order mark, a line break or a separator.
    while (this.#queue.length > SEPARATOR.length) {
      this.#skipStart();
      const separator = this.#findSeparator();
      if (separator !== -1) yield* this.#endAt(separator);
      else if (this.#queue.length >= PART_BYTES) {
        const cut = this.#cut();
        if (cut === 0) return;
        yield this.#take(cut, 0, false);
        this.#begun = true;
      } else return;
    }
  }

  *end(): Generator<DocumentPart> {
    this.#skipStart();
    const separator = this.#findSeparator();
    if (separator !== -1) {
      yield* this.#endAt(separator);
      this.#skipStart();
    }
    yield* this.#endDocument(this.#queue.length);
  }

  #skipStart(): void {
    if (this.#atFileStart) {
      this.#atFileStart = false;
      const { bytes } = this.#queue;
      if (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte)) this.#drop(BYTE_ORDER_MARK.length);
      this.#atDocumentStart = false;
    }
    if (!this.#atDocumentStart) return;
    this.#atDocumentStart = false;
    const { bytes } = this.#queue;
    if (bytes[0] === NEWLINE) this.#drop(1);
    else if (bytes[0] === RETURN && bytes[1] === NEWLINE) this.#drop(2);
  }

  /** Index of the first complete separator, or -1. */
  #findSeparator(): number {
    const { bytes } = this.#queue;
    for (;;) {
      const at = bytes.indexOf(SEPARATOR[0]!, this.#searched);
      if (at === -1 || at + SEPARATOR.length > bytes.length) {
        this.#searched = at === -1 ? bytes.length : at;
        return -1;
      }
      if (SEPARATOR.every((byte, i) => bytes[at + i] === byte)) return at;
      this.#searched = at + 1;
    }
  }

  /** Ends the document at a separator. Between two separators, an empty one is reported. */
  *#endAt(separator: number): Generator<DocumentPart> {
    const line = this.#line;
    const isEmpty = yield* this.#endDocument(separator);
    if (isEmpty && this.#afterSeparator) this.#onSkip?.({ file: this.#file, line, reason: 'is empty' });
    this.#afterSeparator = true;
    this.#drop(SEPARATOR.length);
  }

  /** Ends the document after `length` bytes; returns whether it is empty. */
  *#endDocument(length: number): Generator<DocumentPart, boolean> {
    const { bytes } = this.#queue;
    let lineBreak = length > 0 && bytes[length - 1] === NEWLINE ? 1 : 0;
    if (lineBreak === 1 && length > 1 && bytes[length - 2] === RETURN) lineBreak = 2;
    const isEmpty = length === lineBreak && !this.#begun;
    const part = this.#take(length - lineBreak, lineBreak, true);
    this.#begun = false;
    this.#atDocumentStart = true;
    if (!isEmpty) yield part;
    return isEmpty;
  }

  /** Removes `length` bytes as a part and `rest` more bytes after them. */
  #take(length: number, rest: number, last: boolean): DocumentPart {
    const line = this.#line;
    const bytes = this.#queue.bytes.subarray(0, length);
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch (cause) {
      throw new Gpt2Error(
        'invalid-file',
        `${this.#file} line ${line + linesBeforeFault(bytes)} is not UTF-8 text; save the file as UTF-8`,
        { cause },
      );
    }
    this.#drop(length + rest);
    return { file: this.#file, line, prompt: '', text, last };
  }

  #drop(count: number): void {
    this.#line += countLines(this.#queue.bytes, count);
    this.#queue.drop(count);
    this.#searched = Math.max(0, this.#searched - count);
    this.#uncut = Math.max(0, this.#uncut - count);
  }

  /**
   * The last index at which white space follows a word. GPT-2's split pattern always splits there, so a cut
   * changes no token. 0 if the part has no such place and may still grow.
   */
  #cut(): number {
    const { bytes } = this.#queue;
    // The last bytes may be a line break and the beginning of a separator, which are not text.
    const end = Math.min(this.#searched, bytes.length - SEPARATOR.length) - 2;
    for (let at = end; at > this.#uncut; at--) {
      if ((bytes[at] === SPACE || bytes[at] === NEWLINE) && !isWhiteSpaceBefore(bytes, at)) return at;
    }
    this.#uncut = Math.max(0, end);
    if (bytes.length < LONGEST_PART_BYTES) return 0;
    return characterStart(bytes, end);
  }
}

function isWhiteSpaceBefore(bytes: Uint8Array, at: number): boolean {
  const before = bytes.subarray(characterStart(bytes, at - 1), at);
  return WHITE_SPACE.test(new TextDecoder().decode(before));
}

/** Index of the first byte of the character that bytes[at] belongs to. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < 3 && isContinuation(bytes[start]!)) start--;
  return start;
}
