import { invalidOption } from '../base/check_options.js';
import type { LoopOptions } from './run_options.js';
import type { ScheduleOptions } from './schedule.js';

/** Options of a run whose defaults depend on the model and the number of steps. */
export interface RunPlan {
  /** Steps of the whole run. */
  readonly steps: number;
  readonly schedule: ScheduleOptions;
  /** Steps between two evaluations. */
  readonly evaluateEvery: number;
}

/** Options that a plan depends on. */
interface PlannedOptions extends LoopOptions {
  readonly epochs?: number;
  readonly model?: unknown;
}

/** Plans a run over data of `rowsPerEpoch` rows. Throws `invalid-option`. */
export function runPlan(options: PlannedOptions, rowsPerEpoch: number): RunPlan {
  const { epochs = 1, batchSize, accumulation, schedule, model, lora } = options;
  const perEpoch = rowsPerEpoch / (batchSize * accumulation);
  const steps = options.steps ?? Math.max(1, Math.ceil(epochs * perEpoch));
  const { learningRate: peak = model === undefined ? 6e-4 : lora ? 1e-3 : 1e-4 } = options;
  const { warmup = Math.floor(steps / 20), finalLearningRate: final = peak / 10 } = options;
  if (warmup > steps) {
    throw invalidOption('warmup', warmup, `at most the steps of the run, ${steps}`);
  }
  if (final > peak) {
    throw invalidOption('finalLearningRate', final, `at most the learning rate, ${peak}`);
  }
  const { evaluateEvery = Math.max(1, Math.floor(steps / 10)) } = options;
  return { steps, schedule: { peak, steps, warmup, decay: schedule, final }, evaluateEvery };
}
