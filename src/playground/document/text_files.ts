import { plainLines } from './tokenized_text.js';

/** Whether a file is a text to write on, by its name. */
export function isTextFile({ name }: File): boolean {
  return /\.(?:txt|text|md|markdown)$/i.test(name);
}

/** The text of a file in UTF-8 or UTF-16; in Windows-1252 if it is neither. Throws for bytes that are no text. */
export async function readText(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  const utf16 = first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-16be';
  const isUtf16 = utf16 === 'utf-16le' || (first === 0xfe && second === 0xff);
  if (!isUtf16 && bytes.includes(0)) throw new TypeError(`${file.name} is no text: it has zero bytes`);
  const decode = (encoding: string, fatal: boolean) => new TextDecoder(encoding, { fatal }).decode(bytes);
  if (isUtf16) return plainLines(decode(utf16, false));
  try {
    return plainLines(decode('utf-8', true));
  } catch {
    return plainLines(decode('windows-1252', false));
  }
}

/** Lets a person save a text as a file. */
export function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
