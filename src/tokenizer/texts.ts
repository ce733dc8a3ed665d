/** The texts of a file's tokens or merges, read as code units, so that no strings need to be made of them. */
export interface Texts {
  readonly length: number;
  /** Upper bounds of the UTF-16 code units of the longest text, and of all together. */
  readonly longest: number;
  readonly total: number;
  /** Copies the code units of text i and returns their number. */
  units(i: number, into: Uint16Array): number;
  /** Entry i of the file, for messages. */
  at(i: number): unknown;
}

/**
 * Texts from JSON or lines: strings, or pairs of strings, joined by a space. Any other entry counts as empty.
 */
export class JsonTexts implements Texts {
  readonly #entries: readonly unknown[];
  readonly longest: number;
  readonly total: number;

  constructor(entries: readonly unknown[]) {
    this.#entries = entries;
    let longest = 0;
    let total = 0;
    for (const entry of entries) {
      const { length } = joined(entry);
      longest = Math.max(longest, length);
      total += length;
    }
    this.longest = longest;
    this.total = total;
  }

  get length(): number {
    return this.#entries.length;
  }

  units(i: number, into: Uint16Array): number {
    const text = joined(this.#entries[i]);
    for (let at = 0; at < text.length; at++) into[at] = text.charCodeAt(at);
    return text.length;
  }

  at(i: number): unknown {
    return this.#entries[i];
  }
}

/** No token's text has a space, so that it can separate a pair, as in the lines of merges.txt. */
function joined(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  return isStringPair(entry) ? `${entry[0]} ${entry[1]}` : '';
}

function isStringPair(entry: unknown): entry is [string, string] {
  return (
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && typeof entry[1] === 'string'
  );
}
