import { Gpt2Error } from '../../../base/errors.js';
import type { CodePointSet } from '../expressions/code_points.js';

/** A part of a rule. */
export type Item =
  /** One character of a set. */
  | { readonly type: 'characters'; readonly set: CodePointSet }
  | { readonly type: 'rule'; readonly name: string; readonly at: number }
  | { readonly type: 'group'; readonly alternatives: Alternatives }
  | { readonly type: 'repeat'; readonly item: Item; readonly min: number; readonly max: number };

/** Sequences of items, one of which is written. */
export type Alternatives = readonly (readonly Item[])[];

export interface GrammarRule {
  readonly name: string;
  /** Its position in the text. */
  readonly at: number;
  readonly alternatives: Alternatives;
}

export interface Grammar {
  readonly text: string;
  /** By their names. */
  readonly rules: ReadonlyMap<string, GrammarRule>;
}

/** The error for a position in a grammar's text. Lines and columns count from 1. */
export function refuse(text: string, at: number, reason: string): Gpt2Error {
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  const place = `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
  return new Gpt2Error('invalid-option', `the grammar cannot be used: ${reason}, at ${place}`);
}
