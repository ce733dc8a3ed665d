/** Most characters of all versions of a document together. */
const MOST_CHARACTERS = 20_000_000;
/** Most steps to undo, as many as browsers keep for a field. */
const MOST_STEPS = 1000;

/** Versions of a document, one of which is current. Drops the oldest ones if they are many, or too long together. */
export class History<Version> {
  readonly #lengthOf: (version: Version) => number;
  readonly #mostCharacters: number;
  #versions: Version[];
  #at = 0;

  constructor(
    first: Version,
    lengthOf: (version: Version) => number,
    mostCharacters: number = MOST_CHARACTERS,
  ) {
    this.#versions = [first];
    this.#lengthOf = lengthOf;
    this.#mostCharacters = mostCharacters;
  }

  get current(): Version {
    return this.#versions[this.#at]!;
  }

  get canUndo(): boolean {
    return this.#at > 0;
  }

  get canRedo(): boolean {
    return this.#at < this.#versions.length - 1;
  }

  /**
   * Adds a version after the current one, or replaces it, and drops versions that were undone. The first one
   * stays.
   */
  add(version: Version, inPlace = false): void {
    const kept = this.#versions.slice(0, inPlace && this.canUndo ? this.#at : this.#at + 1);
    this.#versions = [...kept, version];
    let length = this.#versions.reduce((sum, each) => sum + this.#lengthOf(each), 0);
    const isFull = () => this.#versions.length > MOST_STEPS + 1 || length > this.#mostCharacters;
    while (isFull() && this.#versions.length > 2) {
      length -= this.#lengthOf(this.#versions.shift()!);
    }
    this.#at = this.#versions.length - 1;
  }

  /** Replaces the current version, without a step to undo. */
  amend(version: Version): void {
    this.#versions[this.#at] = version;
  }

  /** Replaces every version. */
  amendAll(change: (version: Version) => Version): void {
    this.#versions = this.#versions.map(change);
  }

  undo(): void {
    if (this.canUndo) this.#at--;
  }

  redo(): void {
    if (this.canRedo) this.#at++;
  }
}
