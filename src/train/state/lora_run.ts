import type { LoraAdapter, LoraPair, LoraShape } from '../../architecture/gpt2/lora.js';
import { loraParameters, matrixSizes } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { FNV_START, fnv1a } from '../../base/hash.js';
import { targetsOf } from '../../core/training/parameters.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { fillUniform } from '../initialize.js';

/**
 * Writes the initial numbers of an adapter as PEFT does: A is uniform in +-1 / sqrt(inputs) (He et al. 2015,
 * with the slope sqrt(5)) and B is 0, so that the adapter changes no logit yet.
 */
export function initializeAdapter(core: TrainCore, seed: number): void {
  core.parameters.forEach((parameter, index) => {
    if (!/\.lora_[AB]\./.test(parameter.name)) return;
    const [rows, columns] = parameter.shape as [number, number];
    const values = new Float32Array(rows * columns);
    if (parameter.name.includes('lora_A')) fillUniform(values, [seed, index], 0, 1 / Math.sqrt(columns));
    core.write('weights', parameter, values);
  });
}

/**
 * The adapter that a core trains. `valuesOf` gives the values of a parameter: A [rank, in] or B [out, rank].
 */
export function trainedAdapter(
  { config, shape }: TrainCore,
  { rank, alpha, targets }: LoraShape,
  valuesOf: (parameter: Parameter) => Float32Array<ArrayBuffer>,
): LoraAdapter {
  const pairs = targetsOf(config, shape).map((parameter): [string, LoraPair] => {
    const { a, b } = loraParameters(parameter, rank);
    const [K, N] = matrixSizes(parameter);
    return [
      parameter.name,
      { name: parameter.name, K, N, rank, scale: alpha / rank, a: valuesOf(a), b: valuesOf(b) },
    ];
  });
  return { rank, alpha, targets, pairs: new Map(pairs) };
}

/** 32-bit fingerprint of the base weights, computed from the first row of each. */
export function fingerprintBase(core: TrainCore): number {
  let hash = FNV_START;
  for (const parameter of core.frozen) {
    const { buffer } = core.read('weights', parameter, 0, 1);
    hash = new Int32Array(buffer).reduce(fnv1a, hash);
  }
  return hash >>> 0;
}
