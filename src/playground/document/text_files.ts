import { withLineFeeds } from './tokenized_text.js';

/** Whether the name of a file is that of a text to continue. */
export function isTextFile({ name }: File): boolean {
  return /\.(?:txt|text|md|markdown)$/i.test(name);
}

/** Reads a file as UTF-8 or UTF-16, otherwise as Windows-1252. Throws if it is not text. */
export async function readText(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  const utf16 = first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-16be';
  const isUtf16 = utf16 === 'utf-16le' || (first === 0xfe && second === 0xff);
  if (!isUtf16 && bytes.includes(0))
    throw new TypeError(`${file.name} is not a text file: it has zero bytes`);
  const decode = (encoding: string, fatal: boolean) => new TextDecoder(encoding, { fatal }).decode(bytes);
  if (isUtf16) return withLineFeeds(decode(utf16, false));
  try {
    return withLineFeeds(decode('utf-8', true));
  } catch {
    return withLineFeeds(decode('windows-1252', false));
  }
}

/** Reads the files that are opened in one place. */
export class TextReader {
  #latest: File | undefined;

  /** Text of a file; undefined if another file was opened since, as the last one is shown. Throws as `readText`. */
  async read(file: File): Promise<string | undefined> {
    this.#latest = file;
    const text = await readText(file);
    return this.#latest === file ? text : undefined;
  }
}

/** Saves a text as a file in the user's downloads. */
export function saveText(text: string, name: string): void {
  saveFile(new File([text], name, { type: 'text/plain' }));
}

/** Saves a file in the user's downloads. */
export function saveFile(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  // The browser reads the file after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
