import * as assert from 'uvu/assert';
import type { Expression } from '../../../src/generate/constraints/expressions/expression.js';

/**
 * The texts at which a walk through the states may end. Each pick chooses one of the ways on. There must be one
 * wherever the text may not end.
 */
export function walk(expression: Expression, picks: readonly number[]): string[] {
  const texts: string[] = [];
  const bytes: number[] = [];
  let state = expression;
  for (const pick of picks) {
    if (state.isNullable)
      texts.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
    const ways = state.partition.starts.slice(0, -1).filter((byte) => !state.step(byte).isNothing);
    if (ways.length === 0) {
      assert.ok(state.isNullable, `dead end after ${bytes}`);
      return texts;
    }
    bytes.push(ways[pick % ways.length]!);
    state = state.step(bytes.at(-1)!);
  }
  return texts;
}
