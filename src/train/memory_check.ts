import type { ModelConfig } from '../config.js';
import { estimateTrainingMemory, type TrainingShape } from '../core/train_layout.js';
import { Gpt2Error } from '../errors.js';
import { availableMemory } from '../platform.js';

/** What 32-bit addresses of WebAssembly reach. */
const MOST_BYTES = 2 ** 32;

/** Throws `out-of-memory` with an estimate where training cannot have the memory that it needs. */
export function checkMemory(
  config: ModelConfig,
  shape: TrainingShape,
  { patience }: { readonly patience?: number },
  available = availableMemory(),
): void {
  const { weights, gradients, moments, activations, scratch, total } = estimateTrainingMemory(config, shape);
  const kept = patience === undefined ? 0 : weights;
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const limit =
    total > MOST_BYTES
      ? `WebAssembly can have ${gib(MOST_BYTES)}`
      : total + kept > available
        ? `${gib(available)} are free`
        : undefined;
  if (limit === undefined) return;
  throw new Gpt2Error(
    'out-of-memory',
    `training needs ${gib(total + kept)} of memory (weights ${gib(weights)}, gradients ${gib(gradients)}, ` +
      `moments ${gib(moments)}, activations ${gib(activations + scratch)}${kept ? `, best weights ${gib(kept)}` : ''}), ` +
      `but ${limit}; a smaller batchSize or contextLength, or recompute, needs less`,
  );
}
