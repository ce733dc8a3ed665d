import { utf8Text } from '../../../../base/utf8_text.js';
import type { Expression } from '../../expressions/expression.js';
import type { Context } from '../claims/context.js';
import type { Goal } from '../claims/goals.js';
import { refused } from '../refuse.js';
import { hasKey, type KeySet, KeySetIndex, matches, onlyName } from '../shapes/key_set.js';
import type { ObjectShape, Properties } from '../shapes/object_shape.js';
import { completions } from './completions.js';
import { holdsCell, type KeyCell, keyCells } from './key_cells.js';

/** What a property must meet, and which of the wanted properties it is then, as bits. */
export interface Variant {
  readonly goal: Goal;
  readonly meets: number;
}

/** A property that the schema names. */
export interface NamedProperty {
  readonly name: string;
  readonly isRequired: boolean;
  readonly variants: readonly Variant[];
}

/** Properties whose names are in a language. */
export interface OtherProperties {
  readonly language: Expression;
  /** Number of names; Infinity if there are more than are needed. */
  readonly size: number;
  readonly variants: readonly Variant[];
}

/** Most properties that an object names: each state of it looks at all. */
const MOST_NAMES = 2000;
/** Most properties that an object must have without a name of their own. */
const MOST_WANTED = 6;
/** Most names of a pattern that are treated like names that the schema lists. */
const MOST_LISTED = 100;
/** Most properties that an object must have. */
const MOST_NEEDED = 20_000;

/** The properties that an object of a shape may have. */
export class ObjectPlan {
  readonly shape: ObjectShape;
  readonly named: readonly NamedProperty[];
  readonly others: readonly OtherProperties[];
  /** All wanted properties, as bits. */
  readonly wanted: number;

  /** `at`: the place of the schema in messages. */
  constructor(context: Context, shape: ObjectShape, at: string) {
    this.shape = shape;
    const { make, goals } = context;
    if (shape.min > MOST_NEEDED) {
      throw refused(at, `wants more than ${MOST_NEEDED} properties; use a smaller minProperties`);
    }
    const keys = [...shape.every, ...shape.some].map((each) => each.keys);
    const names = [...new Set(keys.flatMap((set) => [...set.names]))];
    if (names.length > MOST_NAMES)
      throw refused(at, `names more than ${MOST_NAMES} properties of an object; use fewer`);
    const patterns = [...new Set(keys.flatMap((set) => set.patterns))];
    const required = new Map<string, Goal>();
    const wanted: Properties[] = [];
    for (const each of shape.some) {
      const name = onlyName(each.keys);
      if (name === undefined) wanted.push(each);
      else required.set(name, goals.both(required.get(name) ?? goals.always, each.goal));
    }
    if (wanted.length > MOST_WANTED) {
      throw refused(
        at,
        `wants more than ${MOST_WANTED} properties of any name at a time; use fewer not, anyOf and oneOf`,
      );
    }
    this.wanted = 2 ** wanted.length - 1;
    const index = new KeySetIndex<Goal>();
    for (const { keys, goal } of shape.every) index.add(keys, goal);
    const variants = (all: readonly Goal[], goal: Goal, isIn: (set: KeySet) => boolean) =>
      variantsOf(
        context,
        all.reduce((base, each) => goals.both(base, each), goal),
        wanted.map((each) => (isIn(each.keys) ? each.goal : undefined)),
      );
    const named = (name: string): NamedProperty => ({
      name,
      isRequired: required.has(name),
      variants: variants(index.of(name), required.get(name) ?? goals.always, (set) => hasKey(set, name)),
    });
    const listed: NamedProperty[] = names.map(named);
    const others: OtherProperties[] = [];
    const isOpen = (cell: KeyCell) => {
      const isIn = (set: KeySet) => holdsCell(set, cell);
      const all = shape.every.filter(({ keys }) => isIn(keys)).map(({ goal }) => goal);
      return variants(all, goals.always, isIn);
    };
    for (const cell of this.#cells(context, names, patterns, isOpen, at)) {
      const { language } = cell;
      // Names are as good as infinitely many if there are more than are needed.
      const most = Math.max(MOST_LISTED, shape.min);
      const texts = patterns.length === 0 ? undefined : completions(language, make.nothing, most);
      if (texts !== undefined && texts.length <= MOST_LISTED)
        listed.push(...texts.map((text) => named(utf8Text(text)!)));
      else others.push({ language, size: texts?.length ?? Number.POSITIVE_INFINITY, variants: isOpen(cell) });
    }
    this.named = listed;
    this.others = others;
  }

  /** All goals that a property may have to meet. */
  *goals(): Generator<Goal> {
    for (const { variants } of [...this.named, ...this.others]) {
      for (const { goal } of variants) yield goal;
    }
  }

  /** The cell that a name is in; undefined if the name must not be used. */
  otherWith(name: string): OtherProperties | undefined {
    return this.others.find(({ language }) => matches(language, name));
  }

  /** The cells whose properties are possible at all. */
  #cells(
    context: Context,
    names: readonly string[],
    patterns: readonly Expression[],
    variants: (cell: KeyCell) => readonly Variant[],
    at: string,
  ): KeyCell[] {
    const { make } = context;
    const outside: KeyCell = { language: make.nothing, patterns: new Set() };
    // Most objects have no patterns, and many allow no other names, so that their language is not needed.
    if (patterns.length === 0 && variants(outside).length === 0) return [];
    return keyCells(make, names, patterns, at).filter((cell) => variants(cell).length > 0);
  }
}

/** The goals of a property, by the wanted ones that it meets. `goals`: undefined for those it cannot be. */
function variantsOf({ goals: make }: Context, base: Goal, goals: readonly (Goal | undefined)[]): Variant[] {
  let variants: Variant[] = [{ goal: base, meets: 0 }];
  for (const [i, goal] of goals.entries()) {
    if (goal === undefined) continue;
    variants = variants.flatMap((variant) => [
      { goal: make.both(variant.goal, goal), meets: variant.meets | (1 << i) },
      variant,
    ]);
  }
  const best = new Map<Goal, Variant>();
  for (const { goal, meets } of variants) {
    if (goal !== make.never) best.set(goal, { goal, meets: meets | (best.get(goal)?.meets ?? 0) });
  }
  return [...best.values()];
}
