import { Gpt2Error } from '../../../base/errors.js';
import { ByteSet } from './byte_set.js';
import type { Expression, ExpressionMaker } from './expression.js';
import { isNothing } from './is_nothing.js';
import { Closed, Loop } from './loop.js';
import { Both, Choice, Constant, Not, OneByte, Repeat, Rule, Sequence } from './nodes.js';
import { type Partition, partitionAt } from './partition.js';
import { simplifyChoice } from './simplify_choice.js';

/** Most expressions that are kept while a text is matched, which take about 130 MB. */
const MOST_KEPT = 400_000;
/** Most expressions of a format, which take about 20 MB, and how many more it may have for each of its characters. */
const [MOST_OF_FORMAT, MORE_PER_CHARACTER] = [60_000, 4];
/** Most alternatives that are followed at the same time. */
const MOST_ALTERNATIVES = 20_000;
/** Most choices inside of others that are simplified: those of a, aa, aaa and so on would overflow the stack. */
const DEEPEST_CHOICES = 100;

/** Makes expressions from parts, the same object for equal parts. */
export class Expressions implements ExpressionMaker {
  readonly nothing: Expression;
  readonly empty: Expression;
  /** All byte strings. */
  readonly anything: Expression;
  #expressions = new Map<string, Expression>();
  readonly #partitions = new Map<string, Partition>();
  readonly #constants: Map<string, Expression>;
  #count = 0;
  /** Choices that are being made inside of others. */
  #depth = 0;
  #most: number;

  /** `formatLength`: the characters of the format that is compiled, which bound the number of expressions. */
  constructor(formatLength = Number.POSITIVE_INFINITY) {
    this.#most = Math.min(MOST_KEPT, MOST_OF_FORMAT + MORE_PER_CHARACTER * formatLength);
    this.nothing = this.intern('nothing', (id) => new Constant(id, this, false));
    this.empty = this.intern('empty', (id) => new Constant(id, this, true));
    this.anything = this.repeat(this.oneOf([0, 255]), 0);
    this.#constants = new Map(this.#expressions);
  }

  /** One byte of `ranges`: [first, last] pairs, both included. */
  oneOf(...ranges: readonly (readonly [number, number])[]): Expression {
    if (ranges.length === 0) return this.nothing;
    const set = ByteSet.of(...ranges);
    return this.intern(`bytes ${set.key}`, (id) => new OneByte(id, this, set));
  }

  /** These bytes, or the UTF-8 of a text. */
  literal(text: string | Uint8Array): Expression {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    let literal = this.empty;
    for (let i = bytes.length - 1; i >= 0; i--) {
      literal = this.sequence(this.oneOf([bytes[i]!, bytes[i]!]), literal);
    }
    return literal;
  }

  /** One of the texts. Too many are refused before their bytes become expressions, which takes seconds for 100,000. */
  literals(texts: readonly string[]): Expression {
    const different = [...new Set(texts)];
    checkAlternatives(different.length);
    return this.choice(different.map((text) => this.literal(text)));
  }

  /** All parts, one after the other. */
  sequence(...parts: readonly Expression[]): Expression {
    return parts.reduceRight((tail, head) => this.#pair(head, tail), this.empty);
  }

  #pair(head: Expression, tail: Expression): Expression {
    if (head === this.nothing || tail === this.nothing) return this.nothing;
    if (head === this.empty) return tail;
    if (tail === this.empty) return head;
    if (tail === this.anything && head.isNullable) return tail;
    if (head instanceof Repeat) {
      // So that the states of e ::= e e | "a" do not grow with the text.
      const [next, rest] = tail instanceof Sequence ? [tail.head, tail.tail] : [tail, this.empty];
      if (next instanceof Repeat && next.part === head.part) {
        return this.#pair(this.repeat(head.part, head.min + next.min, head.max + next.max), rest);
      }
    }
    // Loops that are not defined yet have no known strings; their users look at whole states.
    if (tail.mayBeNothing && !tail.hasLoop) {
      const alive = tail.pruned();
      if (alive !== tail) return this.#pair(head, alive);
    }
    if (head instanceof Sequence) {
      const parts: Expression[] = [];
      let rest: Expression = head;
      for (; rest instanceof Sequence; rest = rest.tail) parts.push(rest.head);
      return parts.reduceRight((end, part) => this.#pair(part, end), this.#pair(rest, tail));
    }
    return this.intern(`${head.id} ${tail.id}`, (id) => new Sequence(id, this, head, tail));
  }

  /** One of the alternatives. */
  choice(alternatives: readonly Expression[]): Expression {
    const flat = this.#flat(alternatives);
    if (flat.length < 2) return flat[0] ?? this.nothing;
    checkAlternatives(flat.length);
    // Simplifying makes choices inside of others: without the result of each, twice as many at each level.
    const key = `| ${idsOf(flat)}`;
    const known = this.#expressions.get(key);
    if (known !== undefined) return known;
    const simple = this.#depth < DEEPEST_CHOICES ? this.#simple(flat) : flat;
    const choice =
      simple.length < 2
        ? (simple[0] ?? this.nothing)
        : this.intern(`| ${idsOf(simple)}`, (id) => new Choice(id, this, simple));
    return this.intern(key, () => choice);
  }

  #simple(alternatives: readonly Expression[]): Expression[] {
    this.#depth++;
    try {
      return this.#flat(simplifyChoice(this, alternatives));
    } finally {
      this.#depth--;
    }
  }

  /** Alternatives without choices and doubles among them, in the order of their ids. */
  #flat(alternatives: readonly Expression[]): Expression[] {
    const flat = new Set(
      alternatives.flatMap((each) => (each instanceof Choice ? each.alternatives : [each])),
    );
    if (flat.has(this.anything)) return [this.anything];
    flat.delete(this.nothing);
    return [...flat].sort((a, b) => a.id - b.id);
  }

  /**
   * The strings that all parts match. No part may contain a rule. It may match nothing, so that it must be `pruned`
   * before it is put after something else.
   */
  both(parts: readonly Expression[]): Expression {
    const flat = new Set(parts.flatMap((part) => (part instanceof Both ? part.parts : [part])));
    flat.delete(this.anything);
    if (flat.has(this.nothing)) return this.nothing;
    for (const part of flat) {
      if (!(part instanceof Choice && part.hasLoop)) continue;
      const others = [...flat].filter((other) => other !== part);
      return this.choice(part.alternatives.map((each) => this.both([each, ...others])));
    }
    const sorted = [...flat].sort((a, b) => a.id - b.id);
    if (sorted.length < 2) return sorted[0] ?? this.anything;
    return this.intern(`& ${idsOf(sorted)}`, (id) => new Both(id, this, sorted));
  }

  /**
   * All byte strings, valid UTF-8 or not, that `excluded` does not match, which may not contain a rule. To be pruned as
   * `both`.
   */
  not(excluded: Expression): Expression {
    if (excluded instanceof Not) return excluded.excluded;
    if (excluded === this.nothing) return this.anything;
    if (excluded === this.anything) return this.nothing;
    if (excluded.hasLoop) {
      if (excluded instanceof Choice) return this.both(excluded.alternatives.map((each) => this.not(each)));
      if (excluded instanceof Both) return this.choice(excluded.parts.map((part) => this.not(part)));
    }
    return this.intern(`! ${excluded.id}`, (id) => new Not(id, this, excluded));
  }

  /** `part` from `min` to `max` times; without `max` any number of times. */
  repeat(part: Expression, min: number, max = Number.POSITIVE_INFINITY): Expression {
    if (max === 0 || part === this.empty) return this.empty;
    if (part === this.nothing) return min === 0 ? this.empty : this.nothing;
    if (min === 1 && max === 1) return part;
    if (part.mayBeNothing && part.pruned() !== part) return this.repeat(part.pruned(), min, max);
    // Repetitions of the empty string count for nothing, so that as few as wanted remain.
    if (part.isNullable) return this.choice([this.empty, this.repeat(this.#filled(part), 0, max)]);
    return this.intern(`* ${part.id} ${min} ${max}`, (id) => new Repeat(id, this, part, min, max));
  }

  /** The strings of a part that matches the empty one, without that. */
  #filled(part: Expression): Expression {
    if (!part.isNullable) return part;
    if (part === this.empty) return this.nothing;
    if (part instanceof Repeat) return this.repeat(part.part, 1, part.max);
    if (part instanceof Choice) return this.choice(part.alternatives.map((each) => this.#filled(each)));
    if (part instanceof Sequence) {
      const alternatives: Expression[] = [];
      let rest: Expression = part;
      for (; rest instanceof Sequence; rest = rest.tail) {
        alternatives.push(this.sequence(this.#filled(rest.head), rest.tail));
      }
      return this.choice([...alternatives, this.#filled(rest)]);
    }
    if (part instanceof Rule) return this.rule(`${part.id} filled`, false, () => this.#filled(part.body));
    return this.both([part, this.sequence(this.oneOf([0, 255]), this.anything)]);
  }

  /** `part` or nothing. */
  optional(part: Expression): Expression {
    return this.choice([part, this.empty]);
  }

  /**
   * A rule, which may contain itself: `make` gives its expression when it is first needed. It must match at least
   * one string, `isNullable` says whether the empty one, and it may not begin with itself.
   */
  rule(name: string, isNullable: boolean, make: () => Expression): Expression {
    return this.intern(`rule ${name}`, (id) => new Rule(id, this, isNullable, make));
  }

  /** A loop with no round yet. */
  loop(exit: Expression): Loop {
    return new Loop(this.#count++, this, exit);
  }

  /** `inside`, closed against what follows if it has loops. */
  closed(inside: Expression): Expression {
    return inside.hasLoop ? this.intern(`closed ${inside.id}`, (id) => new Closed(id, this, inside)) : inside;
  }

  /** The format is compiled: from now on its expressions match texts. */
  endCompiling(): void {
    this.#most = MOST_KEPT;
  }

  /** How many expressions are kept. */
  get size(): number {
    return this.#expressions.size;
  }

  /** Forgets all expressions but those that their users still hold. */
  forget(): void {
    for (const each of this.#expressions.values()) each.forgetSteps();
    this.#expressions = new Map(this.#constants);
  }

  intern(key: string, make: (id: number) => Expression): Expression {
    let found = this.#expressions.get(key);
    if (found === undefined) {
      if (this.#expressions.size >= this.#most) throw tooComplex(`${this.#most} states`);
      found = make(this.#count++);
      this.#expressions.set(key, found);
    }
    return found;
  }

  partition(cuts: ByteSet): Partition {
    let partition = this.#partitions.get(cuts.key);
    if (partition === undefined) {
      partition = partitionAt(cuts);
      this.#partitions.set(cuts.key, partition);
    }
    return partition;
  }

  isNothing(expression: Expression): boolean {
    return isNothing(expression);
  }
}

const idsOf = (expressions: readonly Expression[]) => expressions.map(({ id }) => id).join();

function checkAlternatives(count: number): void {
  if (count > MOST_ALTERNATIVES) throw tooComplex(`${MOST_ALTERNATIVES} alternatives at one place`);
}

/** The error for a format that takes too much time or memory. */
function tooComplex(limit: string): Gpt2Error {
  return new Gpt2Error(
    'invalid-option',
    `format is too complex: it takes more than ${limit}; use a simpler pattern, smaller numbers of repetitions, or fewer schemas that are combined`,
  );
}
