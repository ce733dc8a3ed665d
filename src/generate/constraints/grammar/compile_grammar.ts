import { type CodePointSet, codePoints } from '../expressions/code_points.js';
import type { Expression } from '../expressions/expression.js';
import type { Expressions } from '../expressions/expressions.js';
import { checkGrammar } from './check_grammar.js';
import type { Alternatives, Item } from './grammar.js';
import { parseGrammar } from './parse_grammar.js';

/**
 * The texts of a grammar's `root`. The grammar is GBNF as llama.cpp has it: rules `name ::= ...`, literals, classes,
 * `.` (any character), groups, `|`, `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}` and comments. Beyond llama.cpp a rule may
 * begin with itself; by way of others it may not.
 *
 * Throws `invalid-option` with line and column for syntax errors, tokens such as `<[1000]>`, rules that are defined
 * twice or not at all or have no text, and for grammars that are too large.
 */
export function compileGrammar(make: Expressions, text: string): Expression {
  const { rules, nullable } = checkGrammar(parseGrammar(text));
  const bodies = new Map<string, Expression>();
  const expressions = new Map(
    rules.map((rule) => [
      rule.name,
      make.rule(`grammar ${rule.name}`, nullable.has(rule), () => bodies.get(rule.name)!),
    ]),
  );
  const sets = new Map<string, Expression>();
  const characters = (set: CodePointSet): Expression => {
    const key = set.join();
    const expression = sets.get(key) ?? codePoints(make, set);
    sets.set(key, expression);
    return expression;
  };
  const compile = (alternatives: Alternatives): Expression =>
    make.choice(
      alternatives.map((items) =>
        items.reduceRight((rest, item) => make.sequence(compileItem(item), rest), make.empty),
      ),
    );
  const compileItem = (item: Item): Expression => {
    switch (item.type) {
      case 'characters':
        return characters(item.set);
      case 'rule':
        return expressions.get(item.name)!;
      case 'group':
        return compile(item.alternatives);
      case 'repeat':
        return make.repeat(compileItem(item.item), item.min, item.max);
    }
  };
  for (const { name, alternatives } of rules) bodies.set(name, compile(alternatives));
  return expressions.get('root')!;
}
