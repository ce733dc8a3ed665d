import type { Expression } from '../../../src/generate/constraints/expressions/expression.js';

/** Whether an expression matches a text. */
export function accepts(expression: Expression, text: string): boolean {
  return expression.after(new TextEncoder().encode(text)).isNullable;
}
