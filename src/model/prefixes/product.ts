import type { Cancellation } from '../../base/cancellation.js';
import { throwIfAborted } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';

/** A matrix [N, K] in row order and a vector [N] that is added. */
export interface Linear {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Multiplications between two turns of the event loop: about 10 ms. */
const SLICE = 2 ** 23;

/**
 * weight x inputs [K] + bias. Sums are in double precision in a fixed order, and rounded once: the same bits in each
 * engine. `what` names the work for `aborted`.
 */
export async function product(
  { weight, bias }: Linear,
  inputs: Float32Array,
  what: string,
  signal: Cancellation | undefined,
): Promise<Float32Array<ArrayBuffer>> {
  const rows = Math.max(1, Math.floor(SLICE / inputs.length));
  const wide = Float64Array.from(inputs);
  const out = new Float32Array(bias.length);
  for (let row = 0; row < out.length; row += rows) {
    if (row > 0) await nextTask();
    throwIfAborted(signal, what);
    const end = Math.min(out.length, row + rows);
    for (let n = row; n < end; n++) out[n] = bias[n]! + dot(weight, n * wide.length, wide);
  }
  return out;
}

/** Four sums, so that additions need not wait for each other. */
function dot(weight: Float32Array, from: number, inputs: Float64Array): number {
  const { length } = inputs;
  const whole = length - (length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let k = 0; k < whole; k += 4) {
    a += weight[from + k]! * inputs[k]!;
    b += weight[from + k + 1]! * inputs[k + 1]!;
    c += weight[from + k + 2]! * inputs[k + 2]!;
    d += weight[from + k + 3]! * inputs[k + 3]!;
  }
  for (let k = whole; k < length; k++) a += weight[from + k]! * inputs[k]!;
  return a + b + (c + d);
}
