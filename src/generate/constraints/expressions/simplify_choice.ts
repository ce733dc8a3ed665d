import type { Expression, ExpressionMaker } from './expression.js';
import { Both, Constant, Repeat, Sequence } from './nodes.js';

/**
 * Fewer alternatives with the same strings. Without this, patterns such as [a-z]{0,1000}[a-z]{0,1000} would be in a
 * thousand alternatives at once, one for each count.
 */
export function simplifyChoice(make: ExpressionMaker, alternatives: readonly Expression[]): Expression[] {
  return mergeCounts(make, mergeHeads(make, withoutTails(absorb(alternatives))));
}

/** Most parts at the beginning of an alternative that are left out to find another one. */
const MOST_LEFT_OUT = 50;

/** Leaves out `b` beside `a? b`, and the empty string beside what matches it. */
function withoutTails(alternatives: readonly Expression[]): readonly Expression[] {
  const tails = new Set<Expression>();
  let isNullable = false;
  for (const each of alternatives) {
    let at = each;
    for (let i = 0; i < MOST_LEFT_OUT && at instanceof Sequence && at.head.isNullable; i++) {
      at = at.tail;
      tails.add(at);
    }
    isNullable ||= each.isNullable && !isEmpty(each);
  }
  return alternatives.filter((each) => !tails.has(each) && !(isNullable && isEmpty(each)));
}

const isEmpty = (expression: Expression) => expression instanceof Constant && expression.isNullable;

/** Most intersections that are compared with each other, which takes quadratic time. */
const MOST_COMPARED = 100;

/** Leaves out intersections with more parts than another alternative has. */
function absorb(alternatives: readonly Expression[]): readonly Expression[] {
  const intersections = alternatives.filter((each) => each instanceof Both);
  if (intersections.length === 0) return alternatives;
  const all = new Set(alternatives);
  const compared = intersections.slice(0, MOST_COMPARED);
  const isAbsorbed = (each: Expression) =>
    each instanceof Both &&
    (each.parts.some((part) => all.has(part)) ||
      compared.some(
        ({ parts }) => parts.length < each.parts.length && parts.every((part) => each.parts.includes(part)),
      ));
  return alternatives.filter((each) => !isAbsorbed(each));
}

/** Writes `a b` and `a c` as `a (b or c)`. */
function mergeHeads(make: ExpressionMaker, alternatives: readonly Expression[]): Expression[] {
  const tails = new Map<Expression, Expression[]>();
  for (const each of alternatives) {
    const [head, tail] = each instanceof Sequence ? [each.head, each.tail] : [each, make.empty];
    const others = tails.get(head);
    if (others === undefined) tails.set(head, [tail]);
    else others.push(tail);
  }
  if (tails.size === alternatives.length) return [...alternatives];
  return [...tails].map(([head, ends]) => {
    const prefix = [head];
    let all = ends;
    // A loop, so that long common beginnings do not overflow the stack.
    for (let next = headOf(all); next !== undefined; next = headOf(all)) {
      prefix.push(next);
      all = (all as Sequence[]).map(({ tail }) => tail);
    }
    return prefix.reduceRight((tail, each) => make.sequence(each, tail), make.choice(all));
  });
}

function headOf(all: readonly Expression[]): Expression | undefined {
  const [first] = all;
  if (all.length < 2 || !(first instanceof Sequence)) return undefined;
  return all.every((each) => each instanceof Sequence && each.head === first.head) ? first.head : undefined;
}

/** Writes `a{1,3} b` and `a{2,5} b` as `a{1,5} b`. */
function mergeCounts(make: ExpressionMaker, alternatives: readonly Expression[]): Expression[] {
  const repeats = new Map<string, { repeats: Repeat[]; tail: Expression }>();
  const others: Expression[] = [];
  for (const each of alternatives) {
    const [head, tail] = each instanceof Sequence ? [each.head, each.tail] : [each, make.empty];
    if (!(head instanceof Repeat)) {
      others.push(each);
      continue;
    }
    const key = `${head.part.id} ${tail.id}`;
    const group = repeats.get(key);
    if (group === undefined) repeats.set(key, { repeats: [head], tail });
    else group.repeats.push(head);
  }
  const merged = [...repeats.values()].flatMap((group) =>
    joined(group.repeats).map(([part, min, max]) => make.sequence(make.repeat(part, min, max), group.tail)),
  );
  return [...others, ...merged];
}

/** Repetitions of the same part; ranges of counts that touch become one. */
function joined(repeats: readonly Repeat[]): [part: Expression, min: number, max: number][] {
  const ranges: [Expression, number, number][] = [];
  for (const { part, min, max } of [...repeats].sort((a, b) => a.min - b.min)) {
    const last = ranges.at(-1);
    if (last !== undefined && min <= last[2] + 1) last[2] = Math.max(last[2], max);
    else ranges.push([part, min, max]);
  }
  return ranges;
}
