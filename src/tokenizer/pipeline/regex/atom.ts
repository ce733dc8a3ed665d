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
  /** Whether it is one character out of a set. */
  readonly isSet?: boolean;
  /** A repetition of one character out of a set. */
  readonly run?: { readonly source: string; readonly least: number; readonly most: number };
}

export const single = (source: string): Atom => ({ source, isVariable: false, unbounded: 0 });
export const oneOf = (source: string): Atom => ({ ...single(source), isSet: true });
export const literal = (text: string) => [...text].map((character) => codeSource(character)).join('');

export function characterSource(character: string, { ignoreCase }: Options): string {
  const variants = ignoreCase ? caseVariants(character) : [character];
  const sources = variants.map(codeSource).join('');
  return variants.length === 1 ? sources : `[${sources}]`;
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
