import { asBytes } from '../../../base/bytes.js';
import { invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { utf8Text } from '../../../base/utf8_text.js';

/** A published file as it was read: its text, or its bytes in UTF-8. */
export type FileText = string | ArrayBuffer | ArrayBufferView;

const BYTE_ORDER_MARK = '\ufeff';

/** The text of a file without a byte order mark. Throws `invalid-file` for bytes that are not UTF-8. */
export function fileText(file: FileText, name: string): string {
  const bytes = typeof file === 'string' ? undefined : asBytes(file);
  if (typeof file !== 'string' && bytes === undefined) {
    throw invalidOption(name, file, 'the text of a file, or its bytes');
  }
  const text = bytes === undefined ? (file as string) : utf8Text(bytes);
  if (text === undefined) throw new Gpt2Error('invalid-file', `${name} is not valid UTF-8 text`);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** A line that is not blank, with its number from 1. */
export interface FileLine {
  readonly number: number;
  readonly text: string;
}

/** The lines of a file that are not blank. */
export function fileLines(file: FileText, name: string): FileLine[] {
  return fileText(file, name)
    .split(/\r\n|\n|\r/)
    .map((text, i) => ({ number: i + 1, text }))
    .filter(({ text }) => text.trim() !== '');
}

/** The error for a file without one entry. */
export function noEntries(name: string, entries: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `${name} has no ${entries}`);
}
