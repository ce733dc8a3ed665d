import { utf8Text } from '../../../../base/utf8_text.js';
import type { Expression } from '../../expressions/expression.js';
import type { Goal } from '../claims/goals.js';
import { canonicalText, type Json } from '../documents/json.js';
import { type ArrayPlan, type ArrayState, type ItemOption, stateKey } from '../plans/array_plan.js';
import { completions } from '../plans/completions.js';
import { DistinctItems, type Values } from '../plans/distinct_items.js';
import { isEndless } from '../plans/is_endless.js';
import type { ArrayParts } from './array_text.js';
import { recorded } from './recorded.js';
import { recordedString } from './recorded_string.js';

/** The texts of values of some goal, by what is known about their ends. */
export interface ValueKinds {
  /** Decoded strings. */
  readonly strings: Expression;
  /** Arrays and objects, whose texts end with a bracket. */
  readonly bracketed: Expression;
  readonly others: Expression;
}

export interface DistinctParts extends ArrayParts {
  readonly kinds: (goal: Goal) => ValueKinds;
  readonly values: Values;
  /** The goal that only one value meets, given as its canonical text. */
  readonly only: (value: string) => Goal;
}

/** The items so far: their canonical texts, and the texts as they were written. */
type Used = ReadonlyMap<string, string>;

/** Ways from a state to the end of an item that are looked at before there are as good as infinitely many. */
const MANY = 200;

/** The texts of an array whose items must all differ; `nothing` if none can be finished. */
export function distinctArrayText(plan: ArrayPlan, parts: DistinctParts): Expression {
  const { make, punctuation, key, isPossible, value, values, only } = parts;
  const distinct = new DistinctItems(plan, isPossible, values);
  const items = (state: ArrayState, used: Used): Expression[] =>
    plan.options(state, isPossible).map((option) => {
      const all = values(option.goal);
      return all === undefined ? anyItem(option, state, used) : listedItem(option, all, used);
    });
  const listedItem = ({ next }: ItemOption, all: ReadonlySet<string>, used: Used) =>
    make.choice(
      [...all]
        .filter((item) => !used.has(item) && distinct.isFinishable(next, new Set([...used.keys(), item])))
        .map((item) => make.sequence(value(only(item)), rest(next, new Map([...used, [item, item]])))),
    );
  const anyItem = ({ goal, next }: ItemOption, state: ArrayState, used: Used) => {
    const scarce = [...distinct.scarce(next)].filter(
      (item) => !distinct.isFinishable(next, new Set([...used.keys(), item])),
    );
    const refused = new Set([...used.keys(), ...scarce]);
    const { strings, bracketed, others } = parts.kinds(goal);
    const itemKey = `${key} ${goal.key} ${stateKey(state)} ${usedKey(used)}`;
    const after = (item: string, text: string) =>
      refused.has(item) ? make.nothing : rest(next, new Map([...used, [item, text]]));
    const isPlentiful = refused.size === 0 || isEndless(bracketed, make.nothing, punctuation.space);
    const checked = {
      of: (text: string) => after(canonicalOf(text), text),
      isOpen: (part: Expression, bytes: readonly number[]) =>
        refused.size === 0 ||
        isEndless(part, make.nothing, punctuation.space) ||
        isOpen(make.nothing, part, bytes, refused),
    };
    const refusedTexts = [...refused]
      .filter((item) => item.startsWith('"'))
      .map((item) => JSON.parse(item) as string);
    return make.choice([
      recordedString({
        make,
        key: itemKey,
        language: strings,
        used: { all: refusedTexts, text: make.literals(refusedTexts) },
        after: (text) => after(JSON.stringify(text), JSON.stringify(text)),
      }),
      recorded(make, bracketed, isPlentiful ? bracketed : undefined, {
        ...checked,
        key: `${itemKey} bracketed`,
        // The texts that would most likely be written again.
        exceptions: () => [...used.values()].map((text) => new TextEncoder().encode(text)),
      }),
      recorded(make, others, undefined, { ...checked, key: itemKey }),
    ]);
  };
  /** After an item. */
  const rest = (state: ArrayState, used: Used): Expression =>
    make.rule(`${key} ${stateKey(state)} ${usedKey(used)}`, false, () =>
      punctuation.after(']', plan.mayEnd(state), items(state, used)),
    );
  /** The first item, whose text may contain the text of this array. */
  const firstItem = (option: ItemOption): Expression => {
    const all = values(option.goal);
    if (all !== undefined) return listedItem(option, all, new Map());
    if (!distinct.isFinishable(option.next, new Set())) return make.nothing;
    return make.rule(`${key} first ${option.goal.key}`, false, () => anyItem(option, plan.start, new Map()));
  };
  if (!distinct.isFinishable(plan.start, new Set())) return make.nothing;
  const first = plan.options(plan.start, isPossible).map(firstItem);
  return punctuation.from('[]', plan.mayEnd(plan.start), first);
}

function usedKey(used: Used): string {
  return JSON.stringify([...used.values()].sort());
}

function canonicalOf(text: string): string {
  return canonicalText(JSON.parse(text) as Json);
}

/** Whether an item that begins with `bytes` can become one that is not refused. */
function isOpen(
  nothing: Expression,
  part: Expression,
  bytes: readonly number[],
  refused: ReadonlySet<string>,
): boolean {
  const most = Math.max(MANY, 2 * refused.size);
  const ends = completions(part, nothing, most, (more) => !isInString([...bytes, ...more]));
  if (ends === undefined) return true;
  return ends.some((end) => {
    const text = utf8Text(new Uint8Array([...bytes, ...end]))!;
    return !refused.has(canonicalOf(text));
  });
}

function isInString(bytes: readonly number[]): boolean {
  let isIn = false;
  for (let i = 0; i < bytes.length; i++) {
    if (isIn && bytes[i] === 0x5c) i++;
    else if (bytes[i] === 0x22) isIn = !isIn;
  }
  return isIn;
}

/**
 * All values whose texts an expression matches, as canonical texts; undefined if there are more than `most`. The texts
 * have no white space.
 */
export function valuesOf(
  expression: Expression,
  nothing: Expression,
  most: number,
): ReadonlySet<string> | undefined {
  if (isEndless(expression, nothing, nothing)) return undefined;
  const texts = completions(expression, nothing, most, (bytes) => !isInString(bytes));
  return texts && new Set(texts.map((text) => canonicalOf(utf8Text(text)!)));
}
