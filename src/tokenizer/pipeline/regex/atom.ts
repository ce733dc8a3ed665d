import { caseVariants } from './case_folding.js';
import { codeSource } from './character_class.js';

/** Options of a part of an expression: (?i), (?m) and (?x). */
export interface Options {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
}

/** A part of an expression, and what decides whether repeating it can take exponential time. */
export interface Atom {
  readonly source: string;
  /** Whether it can match one text in several ways, or texts of several lengths. */
  readonly isVariable: boolean;
  /** Repetitions without an upper bound, in the alternative that has most. */
  readonly unbounded: number;
  /** The ways in which its alternatives and bounded repetitions can match. Default 1. */
  readonly ways?: number;
  /** Whether it is one character out of a set. */
  readonly isSet?: boolean;
  /** Most classes in a row, see `inRow`. Default 0. */
  readonly classes?: number;
  /** A repetition of one character out of a set. */
  readonly run?: { readonly source: string; readonly least: number; readonly most: number };
}

export const single = (source: string): Atom => ({ source, isVariable: false, unbounded: 0 });
export const oneOf = (source: string): Atom => ({ ...single(source), isSet: true });
export const oneOfClass = (source: string): Atom => ({ ...oneOf(source), classes: 1 });
export const literal = (text: string) => [...text].map((character) => codeSource(character)).join('');

export function characterSource(character: string, { ignoreCase }: Options): string {
  const variants = ignoreCase ? caseVariants(character) : [character];
  const sources = variants.map(codeSource).join('');
  return variants.length === 1 ? sources : `[${sources}]`;
}

/** V8 looks at four characters in a row at once: with two classes of Unicode for each, it tries out thousands of cases. */
const MOST_IN_ROW = 3;

/** The sources of atoms in a row. Nothing is looked for ahead of an empty lookahead, which stands before every few classes. */
export function inRow(atoms: readonly Atom[]): { source: string; classes: number } {
  let [source, run, most] = ['', 0, 0];
  for (const { source: own, classes = 0 } of atoms) {
    run += classes;
    if (run > MOST_IN_ROW && run > classes) {
      source += '(?=)';
      run = classes;
    }
    source += own;
    most = Math.max(most, run);
  }
  return { source, classes: most };
}

/** An atom in a form that a quantifier may follow. */
export function grouped(source: string): string {
  const isOne =
    /^(?:\\u\{[0-9a-f]+\}|\[(?:[^\\[\]]|\\u\{[0-9a-f]+\}|\\[pP]\{[\w=]+\}|\\n)*\]|\\[pP]\{[\w=]+\})$/.test(
      source,
    );
  return isOne ? source : `(?:${source})`;
}

export function withOptions(options: Options, on: string, off: string): Options {
  const set = (letter: string, before: boolean) => (on.includes(letter) || before) && !off.includes(letter);
  return {
    ignoreCase: set('i', options.ignoreCase),
    dotAll: set('m', options.dotAll),
    extended: set('x', options.extended),
  };
}
