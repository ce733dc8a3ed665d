import { Gpt2Error } from '../../../base/errors.js';
import { checkBeginnings } from './check_beginnings.js';
import { type Clause, derivable } from './derivable.js';
import { type Alternatives, type Grammar, type GrammarRule, type Item, refuse } from './grammar.js';

/** A grammar without errors. */
export interface CheckedGrammar {
  /** The rules of which texts consist, `root` first. */
  readonly rules: readonly GrammarRule[];
  /** Those that match the empty text. */
  readonly nullable: ReadonlySet<object>;
}

/**
 * Checks that a grammar has a `root`, that all rules are defined and those of `root` have texts, and that none begins
 * with itself. Throws `invalid-option` otherwise.
 */
export function checkGrammar(grammar: Grammar): CheckedGrammar {
  const { text, rules } = grammar;
  for (const rule of rules.values()) {
    for (const { name, at } of namesIn(rule.alternatives)) {
      if (!rules.has(name)) throw refuse(text, at, `the rule ${name} is not defined`);
    }
  }
  const root = rules.get('root');
  if (root === undefined) {
    throw new Gpt2Error('invalid-option', 'the grammar has no rule named root, with which texts begin');
  }
  const reached = new Set([root]);
  for (const rule of reached) {
    for (const { name } of namesIn(rule.alternatives)) reached.add(rules.get(name)!);
  }
  const used = [...reached];
  const productive = derivable(used.flatMap((rule) => clausesOf(rule, rules, true)));
  for (const rule of used) {
    if (!productive.has(rule)) throw refuse(text, rule.at, `no text matches the rule ${rule.name}`);
  }
  const nullable = derivable(used.flatMap((rule) => clausesOf(rule, rules, false)));
  checkBeginnings(grammar, used, nullable);
  return { rules: used, nullable };
}

/** The rules that alternatives name. */
function namesIn(alternatives: Alternatives): Extract<Item, { type: 'rule' }>[] {
  const namesOf = (item: Item): Extract<Item, { type: 'rule' }>[] => {
    if (item.type === 'rule') return [item];
    if (item.type === 'repeat') return namesOf(item.item);
    return item.type === 'group' ? namesIn(item.alternatives) : [];
  };
  return alternatives.flatMap((items) => items.flatMap(namesOf));
}

/** When a rule and its parts match a text: any one, or, without `characters`, the empty one. */
function clausesOf(rule: GrammarRule, rules: Grammar['rules'], characters: boolean): Clause[] {
  const clauses: Clause[] = [{ head: rule, body: [rule.alternatives] }];
  const addItem = (item: Item): void => {
    switch (item.type) {
      case 'characters':
        if (characters && item.set.some(hasText)) clauses.push({ head: item, body: [] });
        return;
      case 'rule':
        clauses.push({ head: item, body: [rules.get(item.name)!] });
        return;
      case 'group':
        clauses.push({ head: item, body: [item.alternatives] });
        add(item.alternatives);
        return;
      case 'repeat':
        clauses.push({ head: item, body: item.min === 0 ? [] : [item.item] });
        addItem(item.item);
    }
  };
  const add = (alternatives: Alternatives): void => {
    for (const items of alternatives) {
      clauses.push({ head: alternatives, body: items });
      items.forEach(addItem);
    }
  };
  add(rule.alternatives);
  return clauses;
}

/** Whether a range has more than surrogates, which are no text. */
const hasText = ([first, last]: readonly [number, number]) => first < 0xd800 || last > 0xdfff;
