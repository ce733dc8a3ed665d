/** The texts of a file's tokens or merges, read one character at a time, so that nobody has to make strings of them. */
export interface Texts {
  readonly length: number;
  /** UTF-16 code units of the longest text, and of all together; or somewhat more. */
  readonly longest: number;
  readonly total: number;
  /** Copies the code units of text i and returns how many there are. */
  units(i: number, into: Uint16Array): number;
  /** Text i as the file has it, for messages. */
  at(i: number): unknown;
}

/** Texts from JSON or lines: each a string, or a pair of strings, which a space joins. Anything else is empty. */
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

/** A space is in no token's text, so that it marks the middle of a pair, as it does in the lines of merges.txt. */
function joined(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  return isStringPair(entry) ? `${entry[0]} ${entry[1]}` : '';
}

function isStringPair(entry: unknown): entry is [string, string] {
  return (
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && typeof entry[1] === 'string'
  );
}
