import type { Mutant } from './mutant.js';

interface Equivalent extends Pick<Mutant, 'file' | 'original' | 'replacement'> {
  readonly reason: string;
}

/** Mutants that compute the same as the code, found by hand among those that survived. */
const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/tokenizer/bpe/merge_table.ts',
    original: 'next < tokens.size',
    replacement: 'true',
    reason: 'no token is equal to one after the last, whose length is NaN',
  },
  {
    file: 'src/tokenizer/token_table.ts',
    original: 'start === -1 || length === 0',
    replacement: 'start === -1 && length === 0',
    reason: 'a token without bytes is no beginning of others either: i is 1 and common is 0',
  },
  {
    file: 'src/generate/constraints/json_schema/texts/number_text.ts',
    original: `{
      const { make } = this;
      const { digit } = this.#grammar;
      if (fraction !== undefined) return make.repeat(digit, fraction === '' ? 1 : 0, left);
      return make.sequence(make.repeat(digit, first, last), this.#grammar.fraction(left));
    }`,
    replacement: '{}',
    reason:
      'a shortcut: what comes after it allows the same digits one by one, or as multiples of the last place',
  },
  {
    file: 'src/generate/constraints/masks/subtree_walk.ts',
    original: 'next < DEAD',
    replacement: 'next <= DEAD',
    reason: 'a step that is known to be dead is taken again, and is dead again',
  },
  {
    file: 'src/train/plot/svg.ts',
    original: "'\\n'",
    replacement: '""',
    reason: 'white space between elements of SVG, which shows nothing',
  },
];

export function isEquivalent(mutant: Mutant): boolean {
  return EQUIVALENT.some(
    ({ file, original, replacement }) =>
      file === mutant.file && original === mutant.original && replacement === mutant.replacement,
  );
}
