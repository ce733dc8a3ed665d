/** A set of integers from 0 to a size. */
export class BitSet {
  /** Bit i % 32 of word i / 32 is 1 if i is a member. */
  readonly words: Uint32Array;

  /** `size`: one more than the largest possible member. */
  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  get byteLength(): number {
    return this.words.byteLength;
  }

  has(i: number): boolean {
    return ((this.words[i >>> 5]! >>> (i & 31)) & 1) === 1;
  }

  add(i: number): void {
    this.words[i >>> 5]! |= 1 << (i & 31);
  }

  /** Adds all from `first` to `end` - 1. */
  addRange(first: number, end: number): void {
    let i = first;
    for (; i < end && (i & 31) !== 0; i++) this.add(i);
    const whole = end & ~31;
    if (i < whole) {
      this.words.fill(0xffffffff, i >>> 5, whole >>> 5);
      i = whole;
    }
    for (; i < end; i++) this.add(i);
  }

  addAll(other: BitSet): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i]! |= other.words[i]!;
  }

  delete(i: number): void {
    this.words[i >>> 5]! &= ~(1 << (i & 31));
  }
}
