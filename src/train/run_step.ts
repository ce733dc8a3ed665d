import { now } from '../base/timers.js';
import type { Batch } from '../core/training/batch.js';
import type { LoopRun } from './loop_run.js';
import { trainStep } from './step.js';
import type { TrainingStep } from './training_step.js';

/** Computes the next step of a run and adds it to its state; `batch` is the step's last microbatch. */
export async function runStep(
  run: LoopRun,
): Promise<{ readonly step: TrainingStep; readonly batch: Batch | undefined }> {
  const { core, batches, state, options, objective } = run;
  const { accumulation, dropout, seed, weightDecay, beta1, beta2, epsilon, maxGradientNorm } = options;
  const began = now();
  const microbatches: Batch[] = [];
  try {
    for (let i = 0; i < accumulation; i++) microbatches.push(await batches.next());
  } catch (error) {
    batches.seek?.(state.position);
    throw error;
  }
  const step = state.step + 1;
  const learningRate = run.learningRate(step);
  const numbers = {
    ...{ step, learningRate, weightDecay, beta1, beta2, epsilon, maxGradientNorm, seed },
    ...(dropout > 0 && { dropout: { embedding: dropout, attention: dropout, residual: dropout } }),
  };
  objective.measures?.();
  const { loss, gradientNorm: gradNorm } = await trainStep(core, microbatches, numbers, objective);
  const tokens = microbatches.reduce((sum, { batch, length }) => sum + batch * length, 0);
  state.step = step;
  state.tokens += tokens;
  state.position = batches.position;
  state.training.push({ step, loss });
  if (step === run.quantizeFrom) core.quantize();
  const ms = now() - began;
  const tokensPerSecond = ms > 0 ? (1000 * tokens) / ms : 0;
  const { accuracy, margin } = objective.measures?.() ?? {};
  return {
    step: {
      ...{ step, loss, gradNorm, learningRate, tokens: state.tokens, tokensPerSecond },
      ...(accuracy !== undefined && { accuracy }),
      ...(margin !== undefined && { margin }),
    },
    batch: microbatches.at(-1),
  };
}
