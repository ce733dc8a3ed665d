/** An occurrence of a text of the list. */
export interface Found {
  /** The index of the text in the list. */
  readonly item: number;
  /** The UTF-16 code units before it in the searched text. */
  readonly index: number;
}

/**
 * Finds the texts of a list in other texts: the leftmost, of these the longest, and none that overlaps it.
 * The time depends on the searched text alone, not on the list (Aho and Corasick 1975). The automaton reads
 * from right to left, so that at each unit it knows the longest listed text that begins there.
 */
export class TokenFinder {
  /** By node of the trie of reversed texts (0 is the root): the unit that leads to it. */
  readonly #units: Uint16Array;
  /**
   * The children of a node are the nodes [firstChild[node], firstChild[node + 1]), in the order of their
   * units.
   */
  readonly #firstChild: Int32Array;
  /** By node: the node of the longest proper suffix of its path that is in the trie (the failure link). */
  readonly #shorter: Int32Array;
  /** By node: the longest listed text that begins at the unit just read; -1 if there is none. */
  readonly #longest: Int32Array;
  /** The root's child for each unit; 0 if it has none. */
  readonly #rootChildren: Int32Array;
  readonly #lengths: Int32Array;

  /** `texts` must differ from each other, and none may be empty. */
  constructor(texts: readonly string[]) {
    this.#lengths = Int32Array.from(texts, (text) => text.length);
    const mostNodes = this.#lengths.reduce((sum, length) => sum + length, 1);
    this.#units = new Uint16Array(mostNodes);
    this.#firstChild = new Int32Array(mostNodes + 1);
    this.#shorter = new Int32Array(mostNodes);
    this.#longest = new Int32Array(mostNodes).fill(-1);
    const lastUnits = texts.map((text) => text.charCodeAt(text.length - 1));
    this.#rootChildren = new Int32Array(lastUnits.reduce((most, unit) => Math.max(most, unit + 1), 0));
    this.#build(texts, mostNodes);
  }

  /** The texts of the list in `text`, from left to right. */
  *find(text: string): Generator<Found> {
    const places: number[] = [];
    const items: number[] = [];
    const rootChildren = this.#rootChildren;
    const rootUnits = rootChildren.length;
    for (let at = text.length - 1, node = 0; at >= 0; at--) {
      const unit = text.charCodeAt(at);
      // The usual case: the unit is in no text of the list.
      if (node === 0 && (unit >= rootUnits || rootChildren[unit] === 0)) continue;
      node = this.#next(node, unit);
      if (node === 0) continue;
      const item = this.#longest[node]!;
      if (item === -1) continue;
      places.push(at);
      items.push(item);
    }
    let end = 0;
    for (let i = places.length - 1; i >= 0; i--) {
      const index = places[i]!;
      if (index < end) continue;
      const item = items[i]!;
      end = index + this.#lengths[item]!;
      yield { item, index };
    }
  }

  /** Makes the nodes level by level: each is a range of the texts, which are sorted by their reversal. */
  #build(texts: readonly string[], mostNodes: number): void {
    const sorted = [...texts.keys()].sort((a, b) => compareReversed(texts[a]!, texts[b]!));
    const begins = new Int32Array(mostNodes);
    const ends = new Int32Array(mostNodes);
    ends[0] = sorted.length;
    let count = 1;
    for (let node = 0, depth = 0, levelEnd = 1; node < count; node++) {
      if (node === levelEnd) {
        depth++;
        levelEnd = count;
      }
      this.#firstChild[node] = count;
      const end = ends[node]!;
      let i = begins[node]!;
      // The shortest text of a range comes first.
      if (this.#lengths[sorted[i]!] === depth) this.#longest[node] = sorted[i++]!;
      else this.#longest[node] = this.#longest[this.#shorter[node]!]!;
      while (i < end) {
        const unit = unitFromEnd(texts[sorted[i]!]!, depth);
        const child = count++;
        begins[child] = i;
        while (i < end && unitFromEnd(texts[sorted[i]!]!, depth) === unit) i++;
        ends[child] = i;
        this.#units[child] = unit;
        if (node === 0) this.#rootChildren[unit] = child;
        else this.#shorter[child] = this.#next(this.#shorter[node]!, unit);
      }
    }
    this.#firstChild[count] = count;
  }

  /**
   * The node after one more unit: the child of `from`, or of the longest suffix of its path that has such a
   * child.
   */
  #next(from: number, unit: number): number {
    for (let node = from; node !== 0; node = this.#shorter[node]!) {
      const child = this.#child(node, unit);
      if (child !== 0) return child;
    }
    return unit < this.#rootChildren.length ? this.#rootChildren[unit]! : 0;
  }

  /** The child for a unit of a node other than the root; 0 if it has none. */
  #child(node: number, unit: number): number {
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

function unitFromEnd(text: string, place: number): number {
  return text.charCodeAt(text.length - 1 - place);
}

function compareReversed(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = unitFromEnd(a, i) - unitFromEnd(b, i);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
