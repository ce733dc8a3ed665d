import { counted } from '../../base/counted.js';
import type { SkippedText } from '../../train/data/skipping.js';

/** Skipped texts that are listed; the others are counted. */
const LISTED = 100;
/** Skipped lines that a note names. */
const NAMED = 5;

/** Files and texts that were not read. */
export class SkippedTexts {
  /** Files in folders whose names do not end like those of data. */
  readonly files: readonly string[];
  /** Number of empty documents. */
  empty = 0;
  /** Number of lines that are not valid. */
  invalid = 0;
  /** The first 100 of both. */
  readonly listed: SkippedText[] = [];

  constructor(files: readonly string[]) {
    this.files = files;
  }

  /** Adds a text. */
  add(text: SkippedText): void {
    if (text.reason === 'is empty') this.empty++;
    else this.invalid++;
    if (this.listed.length < LISTED) this.listed.push(text);
  }

  /** A line about invalid lines, if there are any. */
  note(): string | undefined {
    if (this.invalid === 0) return undefined;
    const invalid = this.listed.filter(({ reason }) => reason !== 'is empty').slice(0, NAMED);
    const named = invalid.map(({ file, line, reason }) => `${file} line ${line} ${reason}`);
    return `skipped ${counted(this.invalid, 'invalid line')}: ${named.join('; ')}`;
  }
}
