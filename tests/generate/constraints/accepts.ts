import type { Expression } from '../../../src/generate/constraints/expressions/expression.js';

/** Whether an expression matches a text. */
export function accepts(expression: Expression, text: string): boolean {
  let state = expression;
  for (const byte of new TextEncoder().encode(text)) state = state.step(byte);
  return state.isNullable;
}
