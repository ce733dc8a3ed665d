import type { Cancellation } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { product } from '../prefixes/product.js';
import type { TaskHead } from './task_head.js';

/** Results of a head for states [T, C]: T x N, row-major. Throws `runtime` if numbers overflow, and `aborted`. */
export async function headRows(
  head: TaskHead,
  states: Float32Array,
  signal: Cancellation | undefined,
): Promise<Float32Array> {
  const rows = head.bias.length;
  const channels = head.weight.length / rows;
  const logits = new Float32Array((states.length / channels) * rows);
  for (let row = 0; row * channels < states.length; row++) {
    const state = states.subarray(row * channels, (row + 1) * channels);
    logits.set(await product(head, state, 'evaluating', signal), row * rows);
  }
  if (areFinite(logits)) return logits;
  throw new Gpt2Error(
    'runtime',
    'the head computed numbers that are NaN or infinite: 32-bit numbers overflow',
  );
}
