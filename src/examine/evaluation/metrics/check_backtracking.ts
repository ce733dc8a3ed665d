import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { waysOfRounds } from '../../../base/ways_of_rounds.js';
import {
  ALL_CODE_POINTS,
  type CodePointSet,
  codePointSet,
  intersection,
} from '../../../generate/constraints/expressions/code_points.js';
import { charactersOf } from '../../../generate/constraints/regex/character_sets.js';
import { checkGroups } from '../../../generate/constraints/regex/parse_regex.js';
import { type ChainedLoop, LoopChains } from './loop_chains.js';

/** Repetitions up to this count are no loops: they multiply the time, but do not double it with each character. */
const FEW = 16;
/** Most pairs of characters of a pattern that are compared. */
const MOST_PAIRS = 250_000;
/** Most loops of a pattern. */
const MOST_LOOPS = 100;
/** Most characters of a pattern. */
const MOST_CHARACTERS = 2000;
/** Most ways in which what is no loop can match: all are tried before a place does not match. */
const MOST_WAYS = 65_536;

/** Characters of a pattern by their numbers. */
interface Part {
  readonly isNullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
  /** Those of `last` after which nothing else can fail. */
  readonly final: readonly number[];
  /** How many ways there are to match. */
  readonly ways: number;
}

const EMPTY: Part = { isNullable: true, first: [], last: [], final: [], ways: 1 };

/**
 * Throws if a text exists that takes a backtracking matcher a time that doubles with each of its characters: if a loop
 * can read some text in two ways (Weideman and others, "Analyzing matching time behavior of backtracking regular
 * expression matchers", 2016), unless the pattern may end after each character of it. Throws the SyntaxError of the
 * parser too, and a RangeError for patterns that are too large to be checked. `flags`: `i`, `s`, and `u`. The result tells
 * how long a text may take.
 */
export function checkBacktracking(pattern: string, flags: string): LoopChains {
  checkGroups(pattern);
  const own = [...flags].filter((flag) => 'is'.includes(flag)).join('');
  const whole = `(?${own}:${pattern})`;
  const parser = new RegExpParser();
  const tree = parser.parsePattern(whole, 0, whole.length, { unicode: flags.includes('u') });
  return new LoopChains(new Follows().check(tree));
}

/** Which characters may follow which. */
class Follows {
  readonly #sets: CodePointSet[] = [];
  /** By character: those that may follow it, once for each way. */
  readonly #next: number[][] = [];
  #links = 0;
  /** The loops of the assertions in it. */
  readonly #inner: (readonly ChainedLoop[])[] = [];

  /** The loops after which something can fail: those of the pattern, and of each assertion in it. */
  check(node: AST.Pattern | AST.LookaroundAssertion): (readonly ChainedLoop[])[] {
    const { final } = this.#choice(node.alternatives);
    const ends = new Set(node.type === 'Assertion' && node.kind === 'lookbehind' ? [] : final);
    const loops = this.#loops().filter((loop) => !loop.every((each) => ends.has(each)));
    if (loops.some((loop) => this.#isAmbiguous(new Set(loop))))
      throw new RangeError(
        'a loop in it reads some texts in two ways, so that the time doubles with each character',
      );
    return [this.#chained(loops), ...this.#inner];
  }

  /** Loops with those behind them to which a text leads that the loop can read too. */
  #chained(loops: readonly (readonly number[])[]): ChainedLoop[] {
    const size = loops.reduce((sum, { length }) => sum + length, 0) * this.#sets.length;
    if (loops.length > MOST_LOOPS || size > MOST_PAIRS) throw new RangeError('it has too many repetitions');
    return loops.map((loop) => {
      const characters = codePointSet(loop.flatMap((each) => this.#sets[each]!));
      const isRead = this.#sets.map((set) => intersection(set, characters).length > 0);
      const reached = reachedFrom(loop, (at) => this.#next[at]!.filter((each) => isRead[each]));
      const then = loops.flatMap((other, i) =>
        other !== loop && other.some((at) => reached.has(at)) ? [i] : [],
      );
      const behind = loop.flatMap((at) => this.#next[at]!.filter((each) => !loop.includes(each)));
      const follows = codePointSet(behind.flatMap((each) => this.#sets[each]!));
      return { characters, follows, then };
    });
  }

  #choice(alternatives: readonly AST.Alternative[]): Part {
    const parts = alternatives.map(({ elements }) => this.#sequence(elements));
    return {
      isNullable: parts.some(({ isNullable }) => isNullable),
      first: parts.flatMap(({ first }) => first),
      last: parts.flatMap(({ last }) => last),
      final: parts.flatMap(({ final }) => final),
      ways: this.#areApart(parts)
        ? parts.reduce((most, { ways }) => Math.max(most, ways), 1)
        : parts.reduce((sum, { ways }) => sum + ways, 0),
    };
  }

  /** Whether alternatives begin with different characters. */
  #areApart(parts: readonly Part[]): boolean {
    if (parts.some(({ isNullable }) => isNullable)) return parts.length < 2;
    const { length } = parts.flatMap(({ first }) => first);
    if (length ** 2 > MOST_PAIRS) return false;
    return parts.every(({ first }, i) =>
      parts.slice(i + 1).every((other) => !first.some((a) => other.first.some((b) => this.#meet(a, b)))),
    );
  }

  #sequence(elements: readonly AST.Element[]): Part {
    let whole = EMPTY;
    for (const element of elements) {
      if (element.type === 'Assertion') {
        if ('alternatives' in element) this.#inner.push(...new Follows().check(element));
        whole = { ...whole, final: [] };
        continue;
      }
      const { isNullable, first, last, final, ways } = this.#part(element);
      this.#link(whole.last, first);
      whole = {
        isNullable: whole.isNullable && isNullable,
        first: whole.isNullable ? [...whole.first, ...first] : whole.first,
        last: isNullable ? [...whole.last, ...last] : last,
        final: isNullable ? [...whole.final, ...final] : final,
        ways: whole.ways * ways,
      };
      if (whole.ways > MOST_WAYS)
        throw new RangeError('its alternatives and optional parts can match in too many ways');
    }
    return whole;
  }

  #part(element: Exclude<AST.Element, AST.Assertion>): Part {
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        return this.#choice(element.alternatives);
      case 'Quantifier': {
        if (element.max === 0) return EMPTY;
        const part = this.#sequence([element.element]);
        if (element.max > FEW) this.#link(part.last, part.first);
        // Rounds that must be there may be empty, each of them.
        if (part.isNullable && element.min > FEW) this.#link(part.last, part.first);
        return { ...part, isNullable: part.isNullable || element.min === 0, ways: waysOf(part, element) };
      }
      case 'Backreference':
        return { ...this.#character([ALL_CODE_POINTS]), isNullable: true };
      case 'ExpressionCharacterClass':
        return this.#character([ALL_CODE_POINTS]);
      default:
        return this.#character(charactersOf(element));
    }
  }

  #character(set: CodePointSet): Part {
    const all = [this.#sets.push(set) - 1];
    this.#next.push([]);
    if (this.#sets.length > MOST_CHARACTERS)
      throw new RangeError(`it has more than ${MOST_CHARACTERS} characters`);
    return { isNullable: false, first: all, last: all, final: all, ways: 1 };
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const one of from) {
      this.#next[one]!.push(...to);
      this.#links += to.length;
      if (this.#links > MOST_PAIRS) throw new RangeError('it has too many repetitions');
    }
  }

  /** Sets of characters each of which leads to all others of its set and to itself (Tarjan 1972). */
  #loops(): number[][] {
    const loops: number[][] = [];
    const reached = this.#next.map((_, from) => reachedFrom([from], (at) => this.#next[at]!));
    const seen = new Set<number>();
    for (const [from, all] of reached.entries()) {
      if (seen.has(from) || !all.has(from)) continue;
      const loop = [...all].filter((each) => reached[each]!.has(from));
      for (const each of loop) seen.add(each);
      loops.push(loop);
    }
    return loops;
  }

  /** Whether two ways with the same text lead from a character of a loop back into it. */
  #isAmbiguous(loop: ReadonlySet<number>): boolean {
    const within = (at: number) => this.#next[at]!.filter((each) => loop.has(each));
    if ([...loop].some((at) => new Set(within(at)).size < within(at).length)) return true;
    if (loop.size ** 2 > MOST_PAIRS) throw new RangeError('it has a loop of too many characters');
    const count = this.#sets.length;
    const after = new Map<number, number[]>();
    const before = new Map<number, number[]>();
    const pairs = (at: number): number[] => {
      const [a, b] = [Math.floor(at / count), at % count];
      const found = within(a).flatMap((one) =>
        within(b).flatMap((other) => (this.#meet(one, other) ? [one * count + other] : [])),
      );
      after.set(at, found);
      for (const each of found) before.set(each, [...(before.get(each) ?? []), at]);
      return found;
    };
    const same = [...loop].map((at) => at * count + at);
    const forward = reachedFrom(same, (at) => after.get(at) ?? pairs(at));
    const backward = reachedFrom(same, (at) => before.get(at) ?? []);
    return [...forward].some((at) => Math.floor(at / count) !== at % count && backward.has(at));
  }

  #meet(a: number, b: number): boolean {
    return a === b || intersection(this.#sets[a]!, this.#sets[b]!).length > 0;
  }
}

/** The ways of a repetition; those of a loop are checked as such. */
function waysOf({ ways }: Part, { min, max }: AST.Quantifier): number {
  if (max === Number.POSITIVE_INFINITY) return ways;
  return (max - min + 1) * waysOfRounds(ways, max > FEW ? 1 : max);
}

/** All that is reached from some numbers in one step or more. */
function reachedFrom(starts: readonly number[], next: (at: number) => readonly number[]): Set<number> {
  const reached = new Set<number>();
  const open = [...starts];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const each of next(at)) {
      if (reached.has(each)) continue;
      reached.add(each);
      open.push(each);
    }
  }
  return reached;
}
