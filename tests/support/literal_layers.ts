import type { Activation } from '../../src/architecture/gpt2/config.js';
import { erfc } from '../../src/base/erfc.js';

/*
 * Parts of models by their definitions, in double precision.
 */

export const ACTIVATIONS: Readonly<Record<Activation, (x: number) => number>> = {
  'gelu-erf': (x) => 0.5 * x * erfc(-x / Math.SQRT2),
  'gelu-tanh': (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x) => Math.max(x, 0),
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

/** Attention of one query to all keys and values, head by head: each [C]. */
export function attend(
  query: Float64Array,
  keys: readonly Float64Array[],
  values: readonly Float64Array[],
  heads: number,
  scale: number,
): Float64Array {
  const size = query.length / heads;
  const out = new Float64Array(query.length);
  for (let from = 0; from < query.length; from += size) {
    const scores = keys.map((key) => {
      let dot = 0;
      for (let c = from; c < from + size; c++) dot += query[c]! * key[c]!;
      return dot * scale;
    });
    const largest = Math.max(...scores);
    const exponentials = scores.map((score) => Math.exp(score - largest));
    const sum = exponentials.reduce((a, b) => a + b);
    values.forEach((value, row) => {
      for (let c = from; c < from + size; c++) out[c]! += (exponentials[row]! / sum) * value[c]!;
    });
  }
  return out;
}

export function add(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, i) => value + b[i]!);
}
