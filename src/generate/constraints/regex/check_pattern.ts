import type { AST } from '@eslint-community/regexpp';
import { isOn } from './modifiers.js';
import { refuse } from './parse_regex.js';

/**
 * Most characters of a pattern whose repetitions are written out: each may become a state. Without this limit,
 * nested repetitions such as ((a{1,1000}){1,1000}){1,1000} would ask for a billion states.
 */
const MOST_CHARACTERS = 100_000;
/** How much more a character in a repetition with an assertion costs, whose rounds are compiled one by one. */
const ASSERTION_COST = 4;

/** Most different properties, such as \p{L}: each is tested with all code points, and there are thousands of names. */
const MOST_PROPERTIES = 100;

/** Facts about a part of a pattern. */
export interface PartFacts {
  /** Characters and assertions, with repetitions written out. */
  readonly size: number;
  /** Whether an assertion is in it. */
  readonly hasAssertion: boolean;
  /** Whether it depends on the character before it. */
  readonly looksBack: boolean;
}

const CHARACTER: PartFacts = { size: 1, hasAssertion: false, looksBack: false };

/** Facts of all parts of a pattern. Throws `invalid-option` for parts that are not supported, and for too many. */
export function checkPattern(pattern: AST.Pattern): ReadonlyMap<AST.Node, PartFacts> {
  const facts = new Map<AST.Node, PartFacts>();
  const check = (node: AST.Element | AST.Alternative | AST.Pattern): PartFacts => {
    const found = factsOf(node, check, pattern.raw);
    if (found.size > MOST_CHARACTERS) {
      const reason = `its repetitions stand for more than ${MOST_CHARACTERS} characters; use smaller numbers`;
      throw refuse(pattern.raw, node.start, reason);
    }
    facts.set(node, found);
    return found;
  };
  const properties = new Set(pattern.raw.match(/\\p\{[^}]*\}/gi));
  if (properties.size > MOST_PROPERTIES) {
    throw refuse(pattern.raw, 0, `it has more than ${MOST_PROPERTIES} different Unicode properties`);
  }
  check(pattern);
  return facts;
}

function factsOf(
  node: AST.Element | AST.Alternative | AST.Pattern,
  check: (part: AST.Element | AST.Alternative) => PartFacts,
  pattern: string,
): PartFacts {
  switch (node.type) {
    case 'Pattern':
    case 'Group':
    case 'CapturingGroup':
      return sum(node.alternatives.map(check));
    case 'Alternative':
      return sum(node.elements.map(check));
    case 'Quantifier': {
      const { size, ...rest } = check(node.element);
      const rounds = Math.max(1, node.max === Number.POSITIVE_INFINITY ? node.min : node.max);
      return { size: size * rounds * (rest.hasAssertion && rounds > 1 ? ASSERTION_COST : 1), ...rest };
    }
    case 'Assertion': {
      if (node.kind === 'lookbehind') throw refuse(pattern, node.start, 'lookbehind is not supported');
      if (node.kind === 'lookahead') return { ...sum(node.alternatives.map(check)), hasAssertion: true };
      if (node.kind === 'word' && isOn(node, 'ignoreCase')) {
        throw refuse(pattern, node.start, `${node.raw} is not supported in a group with the modifier i`);
      }
      if (node.kind !== 'word' && isOn(node, 'multiline')) {
        throw refuse(pattern, node.start, `${node.raw} is not supported in a group with the modifier m`);
      }
      return { size: 1, hasAssertion: true, looksBack: node.kind !== 'end' };
    }
    case 'Backreference':
      throw refuse(pattern, node.start, `the backreference ${node.raw} is not supported`);
    default:
      return CHARACTER;
  }
}

function sum(facts: readonly PartFacts[]): PartFacts {
  return {
    size: facts.reduce((size, each) => size + each.size, 0),
    hasAssertion: facts.some((each) => each.hasAssertion),
    looksBack: facts.some((each) => each.looksBack),
  };
}
