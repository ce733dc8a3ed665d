import type { AST } from '@eslint-community/regexpp';
import {
  ALL_CODE_POINTS,
  type CodePointRange,
  type CodePointSet,
  codePointSet,
  complement,
} from '../expressions/code_points.js';
import { isOn } from './modifiers.js';

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

/**
 * The characters that a node matches. Properties (`\p{...}`) and the folding of cases come from this runtime's own
 * `RegExp`: characters that were added to Unicode between the versions of two runtimes differ.
 */
export function charactersOf(node: CharacterNode): CodePointSet {
  if (isOn(node, 'ignoreCase') && !(node.type === 'CharacterSet' && node.kind === 'any')) {
    return tested(node.raw, 'iu');
  }
  switch (node.type) {
    case 'Character':
      return [[node.value, node.value]];
    case 'CharacterSet':
      return setOf(node);
    case 'CharacterClass': {
      const set = codePointSet(node.elements.flatMap(rangesOf));
      return node.negate ? complement(set) : set;
    }
  }
}

function rangesOf(element: AST.CharacterClassElement): CodePointSet {
  switch (element.type) {
    case 'Character':
      return [[element.value, element.value]];
    case 'CharacterClassRange':
      return [[element.min.value, element.max.value]];
    case 'CharacterSet':
      return setOf(element);
    default:
      throw new TypeError(`${element.type} needs the flag v`);
  }
}

function setOf(node: AST.CharacterSet): CodePointSet {
  if (node.kind === 'any') return isOn(node, 'dotAll') ? [ALL_CODE_POINTS] : complement(LINE_TERMINATORS);
  if (node.kind === 'property') return tested(node.raw, 'u');
  return node.negate ? complement(ESCAPES[node.kind]) : ESCAPES[node.kind];
}

/** Results of `tested`, which take some milliseconds each. */
const testedSets = new Map<string, CodePointSet>();
/** Most of these that are kept: case-insensitive patterns may have any number of classes. */
const MOST_SETS = 200;
/** How many code points are tested in one text. Surrogates, which fill four of these texts, are left out. */
const CHUNK = 0x800;

/** The code points that the runtime's RegExp matches with `source`, which matches one character. */
function tested(source: string, flags: string): CodePointSet {
  const key = `${flags} ${source}`;
  let set = testedSets.get(key);
  if (set === undefined) {
    if (testedSets.size === MOST_SETS) testedSets.clear();
    set = test(new RegExp(`(?:${source})+`, `g${flags}`));
    testedSets.set(key, set);
  }
  return set;
}

function test(runs: RegExp): CodePointSet {
  const ranges: CodePointRange[] = [];
  for (let start = 0; start <= ALL_CODE_POINTS[1]; start += CHUNK) {
    if (start >= 0xd800 && start < 0xe000) continue;
    const units = start < 0x10000 ? 1 : 2;
    const text = String.fromCodePoint(...Array.from({ length: CHUNK }, (_, i) => start + i));
    for (const run of text.matchAll(runs)) {
      const first = start + run.index / units;
      ranges.push([first, first + run[0].length / units - 1]);
    }
  }
  return codePointSet(ranges);
}
