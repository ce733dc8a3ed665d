/** Reads a text from left to right. */
export class TextCursor {
  protected readonly text: string;
  /** The position. */
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next unit; '' at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  isNext(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Reads `text` if it comes next. */
  take(text: string): boolean {
    const isNext = this.isNext(text);
    if (isNext) this.at += text.length;
    return isNext;
  }

  /** Reads a match of a sticky expression, if it comes next. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found;
  }
}
