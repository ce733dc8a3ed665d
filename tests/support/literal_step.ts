import type { Batch } from '../../src/core/training/batch.js';
import type { DropoutRates } from '../../src/core/training/microbatch_options.js';
import type { TrainCore } from '../../src/core/training/train_core.js';

/** Options of the steps of a run, none optional. */
export interface LiteralOptions {
  readonly seed: number;
  readonly dropout: DropoutRates;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly maxGradientNorm: number;
}

/**
 * AdamW by its definition (Loshchilov and Hutter 2019), in double precision. The core computes only
 * the gradients; the weights and moments are arrays of this class.
 */
export class LiteralOptimizer {
  readonly #core: TrainCore;
  readonly #options: LiteralOptions;
  readonly #weights: Float64Array[];
  readonly #first: Float64Array[];
  readonly #second: Float64Array[];

  constructor(core: TrainCore, options: LiteralOptions) {
    this.#core = core;
    this.#options = options;
    this.#weights = core.parameters.map((parameter) => Float64Array.from(core.read('weights', parameter)));
    this.#first = this.#weights.map(({ length }) => new Float64Array(length));
    this.#second = this.#weights.map(({ length }) => new Float64Array(length));
  }

  get weights(): readonly Float64Array[] {
    return this.#weights;
  }

  /** Step number `step`, from 1, on the mean loss over all targets of the batches. */
  async step(step: number, batches: readonly Batch[], learningRate: number) {
    const core = this.#core;
    const { seed, dropout, beta1, beta2, epsilon, weightDecay, maxGradientNorm } = this.#options;
    const targets = batches.flatMap((batch) => Array.from(batch.targets)).filter((id) => id >= 0).length;
    let loss = 0;
    for (const [i, batch] of batches.entries()) {
      // Every microbatch of a run has other dropout masks; a step has at most 4096 microbatches.
      loss += await core.accumulate(batch, {
        scale: 1 / targets,
        seed,
        microbatch: 4096 * step + i,
        dropout,
      });
    }
    const gradients = core.parameters.map((parameter) =>
      Float64Array.from(core.read('gradients', parameter)),
    );
    const squares = gradients.map((values) => values.reduce((sum, value) => sum + value * value, 0));
    const norm = Math.sqrt(squares.reduce((a, b) => a + b));
    const clip = norm > maxGradientNorm ? maxGradientNorm / norm : 1;
    for (const [s, parameter] of core.parameters.entries()) {
      const [w, m, v] = [this.#weights[s]!, this.#first[s]!, this.#second[s]!];
      for (const [i, gradient] of gradients[s]!.entries()) {
        const g = gradient * clip;
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        if (parameter.kind !== 'vector') w[i]! -= learningRate * weightDecay * w[i]!;
        const [mean, deviation] = [m[i]! / (1 - beta1 ** step), Math.sqrt(v[i]! / (1 - beta2 ** step))];
        w[i]! -= (learningRate * mean) / (deviation + epsilon);
      }
      core.write('weights', parameter, Float32Array.from(w));
      core.write('gradients', parameter, new Float32Array(w.length));
    }
    return { loss: loss / targets, gradNorm: norm };
  }
}
