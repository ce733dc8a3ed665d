import type { GrammarRule, Item } from './grammar.js';

/**
 * A rule that begins with itself, without that: `a ::= a "x" | "b"` has the same texts as `a ::= "b" "x"*`. What
 * begins with itself by way of other rules stays as it is.
 */
export function rewriteLeftRecursion(rule: GrammarRule): GrammarRule {
  const isRecursive = ([first]: readonly Item[]) => first?.type === 'rule' && first.name === rule.name;
  const rests = rule.alternatives.filter(isRecursive).map((items) => items.slice(1));
  if (rests.length === 0) return rule;
  const others = rule.alternatives.filter((items) => !isRecursive(items));
  const more: Item = { type: 'group', alternatives: rests };
  return {
    ...rule,
    alternatives: [
      [
        { type: 'group', alternatives: others },
        { type: 'repeat', item: more, min: 0, max: Number.POSITIVE_INFINITY },
      ],
    ],
  };
}
