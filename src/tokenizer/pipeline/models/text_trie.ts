/**
 * The tokens of a vocabulary as a trie of UTF-16 units. The children of a node are the nodes from firstChild[node] to
 * firstChild[node + 1], in the order of their units; node 0 is the root.
 */
export class TextTrie {
  readonly #units: Uint16Array;
  readonly #firstChild: Int32Array;
  /** By node: the id of the token that ends there; -1 if there is none. */
  readonly #ids: Int32Array;
  readonly #rootChildren: Int32Array;

  constructor(texts: Iterable<readonly [text: string, id: number]>) {
    const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const most = sorted.reduce((sum, [text]) => sum + text.length, 1);
    const units = new Uint16Array(most);
    const firstChild = new Int32Array(most + 1);
    const ids = new Int32Array(most).fill(-1);
    const begins = new Int32Array(most);
    const ends = new Int32Array(most);
    ends[0] = sorted.length;
    let count = 1;
    // Level by level, so that children of a node are in a row.
    for (let node = 0, depth = 0, levelEnd = 1; node < count; node++) {
      if (node === levelEnd) {
        depth++;
        levelEnd = count;
      }
      firstChild[node] = count;
      const end = ends[node]!;
      let i = begins[node]!;
      while (i < end && sorted[i]![0].length === depth) ids[node] = sorted[i++]![1];
      while (i < end) {
        const unit = sorted[i]![0].charCodeAt(depth);
        begins[count] = i;
        while (i < end && sorted[i]![0].charCodeAt(depth) === unit) i++;
        ends[count] = i;
        units[count++] = unit;
      }
    }
    firstChild[count] = count;
    this.#units = units.slice(0, count);
    this.#firstChild = firstChild.slice(0, count + 1);
    this.#ids = ids.slice(0, count);
    this.#rootChildren = new Int32Array(0x10000);
    for (let child = 1; child < this.#firstChild[1]!; child++) this.#rootChildren[units[child]!] = child;
  }

  /** Calls `found` for each token that the text begins with at `start`, the shortest first. */
  prefixes(text: string, start: number, found: (id: number, end: number) => void): void {
    let node = 0;
    for (let at = start; at < text.length; at++) {
      node = this.#child(node, text.charCodeAt(at));
      if (node === 0) return;
      const id = this.#ids[node]!;
      if (id !== -1) found(id, at + 1);
    }
  }

  /** A node's child for a unit; 0 if it has none. */
  #child(node: number, unit: number): number {
    if (node === 0) return this.#rootChildren[unit]!;
    let low = this.#firstChild[node]!;
    let high = this.#firstChild[node + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.#units[middle]!;
      if (found === unit) return middle;
      if (found < unit) low = middle + 1;
      else high = middle;
    }
    return 0;
  }
}
