import { anyText } from '../../expressions/code_points.js';
import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { refused } from '../refuse.js';
import type { KeySet } from '../shapes/key_set.js';

/** Names of properties that the same patterns match. */
export interface KeyCell {
  readonly language: Expression;
  readonly patterns: ReadonlySet<Expression>;
}

/** Most sets of names that patterns tell apart: n patterns may make 2^n. */
const MOST_CELLS = 64;

/** Most expressions that are made to tell names apart: overlapping patterns have as many states as their product. */
const MOST_EXPRESSIONS = 30_000;

/** Divides all names but `names` by the patterns that match them. `at`: the place of the schema in messages. */
export function keyCells(
  make: Expressions,
  names: readonly string[],
  patterns: readonly Expression[],
  at: string,
): KeyCell[] {
  const all = anyText(make);
  const others = names.length === 0 ? all : make.both([all, make.not(make.literals(names))]);
  const sizeBefore = make.size;
  let cells: KeyCell[] = [{ language: others, patterns: new Set() }];
  for (const pattern of patterns) {
    cells = cells.flatMap(({ language, patterns: matched }) => {
      const inside = make.both([language, pattern]).pruned();
      const outside = make.both([language, make.not(pattern)]).pruned();
      return [
        ...(inside === make.nothing ? [] : [{ language: inside, patterns: new Set([...matched, pattern]) }]),
        ...(outside === make.nothing ? [] : [{ language: outside, patterns: matched }]),
      ];
    });
    if (cells.length > MOST_CELLS || make.size - sizeBefore > MOST_EXPRESSIONS) {
      throw refused(
        at,
        'has too many patterns of names that overlap; use fewer or simpler patternProperties',
      );
    }
  }
  return cells;
}

/** Whether the names of a cell, of which no set lists one, are in a set. */
export function holdsCell({ isExcept, patterns }: KeySet, cell: KeyCell): boolean {
  return patterns.some((pattern) => cell.patterns.has(pattern)) !== isExcept;
}
