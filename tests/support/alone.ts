import * as assert from 'uvu/assert';
import type { Core } from '../../src/core/types.js';

/** Logits after a token, as they came out of a mix with other sequences. */
export interface Seen {
  /** All tokens up to that one. */
  readonly tokens: readonly number[];
  readonly logits: Float32Array;
}

/** Fails unless all logits are those that `core` computes for the tokens of one sequence, bit by bit. */
export async function assertAsAlone(core: Core, seen: readonly Seen[]): Promise<void> {
  const left = [...seen].sort((a, b) => b.tokens.length - a.tokens.length);
  while (left.length > 0) {
    const { tokens } = left[0]!;
    const rows: Float32Array[] = [];
    const sequence = core.sequence('call', true);
    await sequence.evaluate({ tokens, first: 0, read: ({ values }) => rows.push(values.slice()) });
    sequence.release();
    for (let i = left.length - 1; i >= 0; i--) {
      const { tokens: some, logits } = left[i]!;
      if (!some.every((id, at) => id === tokens[at])) continue;
      assert.ok(sameBits(logits, rows[some.length - 1]!), `the logits after ${some.length} tokens differ`);
      left.splice(i, 1);
    }
  }
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
