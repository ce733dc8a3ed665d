const SUBJECTS = ['Lily', 'Tom', 'A little dog', 'The old bear', 'Her mom', 'One day, Ben', 'The sun', 'Max'];
const VERBS = ['saw', 'wanted', 'found', 'played with', 'was sad about', 'gave away', 'ran to', 'lost'];
const THINGS = [
  'a big red ball',
  'the tree',
  'her toys',
  'a shiny stone',
  '3 cakes',
  'the café',
  'his “friend”',
];
const ENDINGS = [' and', '.', ' because', '. "', ', but then', '!\n\nThen', ' 🐶', ''];

/** Inputs that follow from a seed and a name alone, the same in every runtime. */
export class Draw {
  #state;

  constructor(seed, name) {
    this.#state = seed >>> 0;
    for (const letter of name) this.#state = Math.imul(this.#state ^ letter.charCodeAt(0), 0x01000193);
  }

  /** An integer from 0 to `end` - 1: Mulberry32. */
  below(end) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  pick(items) {
    return items[this.below(items.length)];
  }

  seed() {
    return this.below(2 ** 32);
  }

  /** A sentence that may go on. */
  prompt() {
    return `${this.pick(SUBJECTS)} ${this.pick(VERBS)} ${this.pick(THINGS)}${this.pick(ENDINGS)}`;
  }

  /** Some sentences. */
  text(sentences) {
    const one = () => `${this.pick(SUBJECTS)} ${this.pick(VERBS)} ${this.pick(THINGS)}.`;
    return Array.from({ length: sentences }, one).join(' ');
  }
}
