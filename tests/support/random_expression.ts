import fc from 'fast-check';
import type { Expression } from '../../src/generate/constraints/expressions/expression.js';
import type { Expressions } from '../../src/generate/constraints/expressions/expressions.js';

/** The plan of an expression over the letters of ALPHABET, as plain data. */
export type Plan =
  | { readonly letters: string }
  | { readonly sequence: readonly Plan[] }
  | { readonly choice: readonly Plan[] }
  | { readonly both: readonly Plan[] }
  | { readonly not: Plan }
  | { readonly repeat: Plan; readonly min: number; readonly max: number };

export const ALPHABET = 'abc';

/** Random plans. */
export const plans: fc.Arbitrary<Plan> = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'plan' },
    fc.record({ letters: fc.subarray([...ALPHABET], { minLength: 1 }).map((letters) => letters.join('')) }),
    fc.record({ sequence: fc.array(tie('plan'), { maxLength: 3 }) }),
    fc.record({ choice: fc.array(tie('plan'), { maxLength: 3 }) }),
    fc.record({ both: fc.array(tie('plan'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('plan') }),
    fc
      .record({
        repeat: tie('plan'),
        min: fc.nat(3),
        more: fc.oneof(fc.nat(3), fc.constant(Number.POSITIVE_INFINITY)),
      })
      .map(({ repeat, min, more }) => ({ repeat, min, max: min + more })),
  ),
})).plan;

/** The expression of a plan, without parts that match nothing. */
export function build(make: Expressions, plan: Plan): Expression {
  if ('letters' in plan) return make.choice([...plan.letters].map((letter) => make.literal(letter)));
  if ('sequence' in plan) return make.sequence(...plan.sequence.map((part) => build(make, part)));
  if ('choice' in plan) return make.choice(plan.choice.map((part) => build(make, part)));
  if ('both' in plan) return make.both(plan.both.map((part) => build(make, part))).pruned();
  if ('not' in plan) return make.not(build(make, plan.not)).pruned();
  return make.repeat(build(make, plan.repeat), plan.min, plan.max);
}

/** Reference implementation: the places in `text` at which a match from `start` can end. */
export function endsOf(plan: Plan, text: string, start: number): Set<number> {
  const places = Array.from({ length: text.length + 1 - start }, (_, i) => start + i);
  if ('letters' in plan) {
    return new Set(start < text.length && plan.letters.includes(text[start]!) ? [start + 1] : []);
  }
  if ('sequence' in plan) {
    return plan.sequence.reduce((ends, part) => after(ends, part, text), new Set([start]));
  }
  if ('choice' in plan) return new Set(plan.choice.flatMap((part) => [...endsOf(part, text, start)]));
  if ('both' in plan) {
    const all = plan.both.map((part) => endsOf(part, text, start));
    return new Set(places.filter((end) => all.every((ends) => ends.has(end))));
  }
  if ('not' in plan) {
    const excluded = endsOf(plan.not, text, start);
    return new Set(places.filter((end) => !excluded.has(end)));
  }
  // After as many repetitions as there are letters, one more adds no end but by matching nothing.
  const found = new Set<number>();
  let ends = new Set([start]);
  for (let count = 0; count <= Math.min(plan.max, plan.min + text.length + 1); count++) {
    if (count >= plan.min) for (const end of ends) found.add(end);
    ends = after(ends, plan.repeat, text);
  }
  return found;
}

function after(starts: Set<number>, plan: Plan, text: string): Set<number> {
  return new Set([...starts].flatMap((start) => [...endsOf(plan, text, start)]));
}

/** All texts of the alphabet with at most `longest` letters. */
export function textsUpTo(longest: number): string[] {
  let texts = [''];
  const all = [...texts];
  for (let length = 1; length <= longest; length++) {
    texts = texts.flatMap((text) => [...ALPHABET].map((letter) => text + letter));
    all.push(...texts);
  }
  return all;
}

/** The state after the UTF-8 of a text. */
export function stateAfter(start: Expression, text: string): Expression {
  return start.after(new TextEncoder().encode(text));
}
