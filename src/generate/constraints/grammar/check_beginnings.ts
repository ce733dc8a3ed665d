import { type Alternatives, type Grammar, type GrammarRule, type Item, refuse } from './grammar.js';

/** Most rules, groups and repetitions that begin with each other: more would overflow the stack of the matcher. */
const DEEPEST = 200;

/** Throws `invalid-option` if a rule begins with itself. `nullable`: the rules and items that match the empty text. */
export function checkBeginnings(
  { text, rules }: Grammar,
  used: readonly GrammarRule[],
  nullable: ReadonlySet<object>,
): void {
  /** Levels below a rule that was visited. */
  const heights = new Map<GrammarRule, number>();
  const path: GrammarRule[] = [];

  const heightOf = (rule: GrammarRule, depth: number): number => {
    const known = heights.get(rule);
    if (known !== undefined) return known;
    if (path.includes(rule)) {
      const names = [...path.slice(path.indexOf(rule)), rule].map(({ name }) => name);
      const reason = `the rule ${rule.name} begins with itself (${names.join(', ')}); use a repetition`;
      throw refuse(text, rule.at, reason);
    }
    path.push(rule);
    const height = depth > DEEPEST ? depth : alternativesHeight(rule.alternatives, depth + 1) + 1;
    path.pop();
    if (height > DEEPEST)
      throw refuse(text, rule.at, `more than ${DEEPEST} rules and groups begin with each other`);
    heights.set(rule, height);
    return height;
  };

  const alternativesHeight = (alternatives: Alternatives, depth: number): number => {
    let height = 0;
    for (const items of alternatives) {
      for (const item of items) {
        height = Math.max(height, itemHeight(item, depth));
        if (!nullable.has(item)) break;
      }
    }
    return height;
  };

  const itemHeight = (item: Item, depth: number): number => {
    if (item.type === 'rule') return heightOf(rules.get(item.name)!, depth);
    if (item.type === 'repeat') return itemHeight(item.item, depth + 1) + 1;
    return item.type === 'group' ? alternativesHeight(item.alternatives, depth + 1) + 1 : 0;
  };

  for (const rule of used) heightOf(rule, 0);
}
