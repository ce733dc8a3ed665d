/** Where the characters of a text node are seen in the window. Lines come in the order of the text; words in one need not. */
export class TextGeometry {
  readonly #node: Text;
  readonly #range = document.createRange();

  constructor(node: Text) {
    this.#node = node;
  }

  /** The boxes of the characters from one offset to another, a box or more for each line. */
  boxes(from: number, to: number): DOMRect[] {
    const { length } = this.#node;
    this.#range.setStart(this.#node, Math.min(from, length));
    this.#range.setEnd(this.#node, Math.min(to, length));
    return [...this.#range.getClientRects()];
  }

  /** The box of the character at an offset; of the next one that has a box, if that one has none. */
  boxAt(offset: number): DOMRect | undefined {
    for (let at = offset; at < this.#node.length; at++) {
      const [box] = this.boxes(at, at + 1);
      if (box !== undefined) return box;
    }
    return undefined;
  }

  /** The box of the character before an offset, behind which a caret would stand. */
  boxBefore(offset: number): DOMRect | undefined {
    for (let at = offset; at > 0; at--) {
      const box = this.boxes(at - 1, at).at(-1);
      if (box !== undefined) return box;
    }
    return undefined;
  }

  /** The offset of the first character whose line ends below a height of the window. */
  firstBelow(y: number): number {
    let [low, high] = [0, this.#node.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const box = this.boxAt(middle);
      if (box === undefined || box.bottom > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The first and last offsets of the line at a height of the window; equal if no line is there. */
  lineAt(y: number): [number, number] {
    const first = this.firstBelow(y);
    const box = this.boxAt(first);
    if (box === undefined || box.top > y) return [first, first];
    return [first, this.firstBelow(box.bottom)];
  }
}
