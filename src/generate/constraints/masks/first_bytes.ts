import type { Expression } from '../expressions/expression.js';

/** The bytes with which the strings of an expression may begin, in ascending order. */
export function firstBytes(expression: Expression): number[] {
  const { starts } = expression.partition;
  const bytes: number[] = [];
  for (let i = 0; i + 1 < starts.length; i++) {
    if (expression.step(starts[i]!).isNothing) continue;
    for (let byte = starts[i]!; byte < starts[i + 1]!; byte++) bytes.push(byte);
  }
  return bytes;
}

/** The only byte that can follow; undefined if there are several, none, or if the text may end. */
export function onlyByte(expression: Expression): number | undefined {
  if (expression.isNullable) return undefined;
  const bytes = firstBytes(expression);
  return bytes.length === 1 ? bytes[0] : undefined;
}

/** Whether a text that has come to this state must end. */
export function mustEnd(expression: Expression): boolean {
  return expression.isNullable && firstBytes(expression).length === 0;
}
