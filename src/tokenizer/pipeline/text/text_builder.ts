import { AlignedText } from './aligned_text.js';

/** Makes a text out of parts of another and of new text. */
export class TextBuilder {
  readonly #source: AlignedText;
  readonly #parts: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(source: AlignedText) {
    this.#source = source;
  }

  /** Takes over source[start, end). */
  keep(start: number, end: number): void {
    const { text, starts, ends } = this.#source;
    if (start === end) return;
    this.#parts.push(text.slice(start, end));
    if (starts === undefined) return;
    for (let i = start; i < end; i++) {
      this.#starts.push(starts[i]!);
      this.#ends.push(ends![i]!);
    }
  }

  /** Adds a text that stands for the same part of the original as unit `at` of the source; before its start for -1. */
  put(text: string, at: number): void {
    this.#parts.push(text);
    const { starts, ends } = this.#source;
    if (starts === undefined) return;
    const start = starts[Math.max(0, at)] ?? 0;
    const end = at < 0 ? start : ends![at]!;
    for (let i = 0; i < text.length; i++) {
      this.#starts.push(start);
      this.#ends.push(end);
    }
  }

  build(): AlignedText {
    const text = this.#parts.join('');
    if (this.#source.starts === undefined) return new AlignedText(text);
    return new AlignedText(text, Int32Array.from(this.#starts), Int32Array.from(this.#ends));
  }
}
