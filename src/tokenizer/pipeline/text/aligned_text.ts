/** A text and, if offsets are wanted, the part of the original text that each of its UTF-16 units stands for. */
export class AlignedText {
  readonly text: string;
  /** By unit: the first and one more than the last code point of the original that it stands for. */
  readonly starts: Int32Array | undefined;
  readonly ends: Int32Array | undefined;

  constructor(text: string, starts?: Int32Array, ends?: Int32Array) {
    this.text = text;
    this.starts = starts;
    this.ends = ends;
  }

  slice(start: number, end: number): AlignedText {
    if (start === 0 && end === this.text.length) return this;
    return new AlignedText(
      this.text.slice(start, end),
      this.starts?.subarray(start, end),
      this.ends?.subarray(start, end),
    );
  }
}

/** An original text; `isAligned`: whether offsets are wanted. */
export function originalText(text: string, isAligned: boolean): AlignedText {
  if (!isAligned) return new AlignedText(text);
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  let at = 0;
  let codePoint = 0;
  for (const character of text) {
    for (let i = 0; i < character.length; i++) {
      starts[at] = codePoint;
      ends[at++] = codePoint + 1;
    }
    codePoint++;
  }
  return new AlignedText(text, starts, ends);
}
