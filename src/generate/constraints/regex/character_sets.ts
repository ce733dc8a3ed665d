import type { AST } from '@eslint-community/regexpp';
import { ALL_CODE_POINTS, type CodePointSet, codePointSet, complement } from '../expressions/code_points.js';
import { foldCase } from './fold_case.js';
import { isOn } from './modifiers.js';
import { testedSet } from './tested_set.js';

/** A node that matches one character. */
export type CharacterNode = AST.Character | AST.CharacterSet | AST.CharacterClass;

/** \d. */
const DIGITS: CodePointSet = [[0x30, 0x39]];
/** \w; also what \b looks at. */
export const WORD_CHARACTERS: CodePointSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** \s: ECMAScript's WhiteSpace and LineTerminator. */
const SPACES: CodePointSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
/** What a dot does not match. */
const LINE_TERMINATORS: CodePointSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const ESCAPES = { digit: DIGITS, space: SPACES, word: WORD_CHARACTERS };

/** The characters that a node matches. */
export function charactersOf(node: CharacterNode): CodePointSet {
  const isFolded = isOn(node, 'ignoreCase');
  const folded = (set: CodePointSet) => (isFolded ? foldCase(set) : set);
  switch (node.type) {
    case 'Character':
      return folded([[node.value, node.value]]);
    case 'CharacterSet':
      return folded(setOf(node, isFolded));
    case 'CharacterClass': {
      const set = folded(codePointSet(node.elements.flatMap((element) => rangesOf(element, isFolded))));
      return node.negate ? complement(set) : set;
    }
  }
}

function rangesOf(element: AST.CharacterClassElement, isFolded: boolean): CodePointSet {
  switch (element.type) {
    case 'Character':
      return [[element.value, element.value]];
    case 'CharacterClassRange':
      return [[element.min.value, element.max.value]];
    case 'CharacterSet':
      return setOf(element, isFolded);
    default:
      throw new TypeError(`${element.type} needs the flag v`);
  }
}

function setOf(node: AST.CharacterSet, isFolded: boolean): CodePointSet {
  if (node.kind === 'any') return isOn(node, 'dotAll') ? [ALL_CODE_POINTS] : complement(LINE_TERMINATORS);
  if (node.kind === 'property') return testedSet(node.raw);
  const set = isFolded && node.kind === 'word' ? foldCase(WORD_CHARACTERS) : ESCAPES[node.kind];
  return node.negate ? complement(set) : set;
}
