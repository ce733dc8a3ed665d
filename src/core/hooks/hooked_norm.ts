import { editRow, readRow } from './actions.js';
import type { HookedBatch, PlacedRun, Rows } from './hooked_batch.js';

/** Runs, and the rows that are normalized; the results are the same rows of `Model.normed`. */
interface NormRows {
  readonly runs: readonly PlacedRun[];
  readonly x: Rows;
}

/** Hooks of a layer norm: the scale, by which numbers are divided, and the result with weight and bias. */
export function hookNorm(
  batch: HookedBatch,
  scaleHook: string,
  normalizedHook: string,
  parameters: { readonly weight: number; readonly bias: number },
  { runs, x }: NormRows,
): void {
  const { memory, model, config } = batch.tracer;
  const results = { ...x, address: model.normed };
  for (const run of runs) {
    const scale = run.at(scaleHook);
    const normalized = run.at(normalizedHook);
    if (scale === undefined && normalized === undefined) continue;
    for (let i = 0; i < run.count; i++) {
      const position = run.start + i;
      const result = batch.row(results, run.first + i);
      if (scale !== undefined) {
        const input = batch.row(x, run.first + i);
        const { mean, deviation } = momentsOf(input, config.layerNormEpsilon);
        const divisor = Float32Array.of(deviation);
        if (editRow(scale, divisor, position)) {
          const weight = memory.f32(parameters.weight, x.width);
          const bias = memory.f32(parameters.bias, x.width);
          for (let c = 0; c < x.width; c++) {
            result[c] = ((input[c]! - mean) / divisor[0]!) * weight[c]! + bias[c]!;
          }
        }
        readRow(scale.read, divisor, position);
      }
      if (normalized === undefined) continue;
      editRow(normalized, result, position);
      readRow(normalized.read, result, position);
    }
  }
}

/** The mean of numbers, and the root of their variance + epsilon. */
function momentsOf(numbers: Float32Array, epsilon: number): { mean: number; deviation: number } {
  let sum = 0;
  for (const number of numbers) sum += number;
  const mean = sum / numbers.length;
  let squares = 0;
  for (const number of numbers) squares += (number - mean) * (number - mean);
  return { mean, deviation: Math.sqrt(squares / numbers.length + epsilon) };
}
