import * as assert from 'uvu/assert';
import type { Core } from '../../src/core/types.js';

/** A result after a token, as it came out of a mix with other sequences. */
export interface Seen {
  /** All tokens up to that one. */
  readonly tokens: readonly number[];
  /** Undefined where only the hidden state was wanted. */
  readonly logits?: Float32Array;
  readonly hidden: Float32Array;
}

/** Fails unless all results are those that `core` computes for the tokens of one sequence, bit by bit. */
export async function assertAsAlone(core: Core, seen: readonly Seen[]): Promise<void> {
  const left = [...seen].sort((a, b) => b.tokens.length - a.tokens.length);
  while (left.length > 0) {
    const { tokens } = left[0]!;
    const rows: { readonly logits: Float32Array; readonly hidden: Float32Array }[] = [];
    const sequence = core.sequence('call', true);
    await sequence.evaluate({
      tokens,
      first: 0,
      read: ({ values, hidden }) => rows.push({ logits: values.slice(), hidden: hidden.slice() }),
    });
    sequence.release();
    for (let i = left.length - 1; i >= 0; i--) {
      const { tokens: some, logits, hidden } = left[i]!;
      if (!some.every((id, at) => id === tokens[at])) continue;
      const row = rows[some.length - 1]!;
      assert.ok(sameBits(hidden, row.hidden), `the hidden states after ${some.length} tokens differ`);
      if (logits) assert.ok(sameBits(logits, row.logits), `the logits after ${some.length} tokens differ`);
      left.splice(i, 1);
    }
  }
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
