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
  let only: number | undefined;
  for (const byte of livingClasses(expression)) {
    if (only !== undefined || expression.partition.classOf[byte + 1] === expression.partition.classOf[byte]) {
      return undefined;
    }
    only = byte;
  }
  return only;
}

/** Whether a text that has come to this state must end. */
export function mustEnd(expression: Expression): boolean {
  return expression.isNullable && livingClasses(expression).next().done === true;
}

/** The first byte of each class of bytes that can follow. */
function* livingClasses(expression: Expression): Generator<number, void> {
  for (const start of expression.partition.starts) {
    if (start < 256 && !expression.step(start).isNothing) yield start;
  }
}
