import { partitionPoint } from '../../base/partition_point.js';

/**
 * Positions of the characters of a text node in the window. Lines are in the order of the text; words within
 * a line may not be (right-to-left text).
 */
export class TextGeometry {
  readonly #node: Text;
  readonly #range = document.createRange();

  constructor(node: Text) {
    this.#node = node;
  }

  /** Boxes of the characters from one offset to another, at least one for each line. */
  boxes(from: number, to: number): DOMRect[] {
    const { length } = this.#node;
    this.#range.setStart(this.#node, Math.min(from, length));
    this.#range.setEnd(this.#node, Math.min(to, length));
    return [...this.#range.getClientRects()];
  }

  /** Box of the character at an offset, or of the next character that has a box. */
  boxAt(offset: number): DOMRect | undefined {
    for (let at = offset; at < this.#node.length; at++) {
      const [box] = this.boxes(at, at + 1);
      if (box !== undefined) return box;
    }
    return undefined;
  }

  /** Box of the character before an offset, which the caret at this offset follows. */
  boxBefore(offset: number): DOMRect | undefined {
    for (let at = offset; at > 0; at--) {
      const box = this.boxes(at - 1, at).at(-1);
      if (box !== undefined) return box;
    }
    return undefined;
  }

  /** Offset of the first character whose line ends below `y`. */
  firstBelow(y: number): number {
    return partitionPoint(0, this.#node.length, (offset) => {
      const box = this.boxAt(offset);
      return box !== undefined && box.bottom <= y;
    });
  }

  /** Start and end of the line at `y`; equal if there is none. */
  lineAt(y: number): [number, number] {
    const first = this.firstBelow(y);
    const box = this.boxAt(first);
    if (box === undefined || box.top > y) return [first, first];
    return [first, this.firstBelow(box.bottom)];
  }
}
