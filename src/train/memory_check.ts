import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error } from '../base/errors.js';
import { humanBytes } from '../base/human_bytes.js';
import { estimateTrainingMemory } from '../core/training/layout.js';
import type { TrainingShape } from '../core/training/shape.js';
import { availableMemory } from '../host/platform.js';

/** Bytes that WebAssembly's 32-bit addresses reach. */
const MOST_BYTES = 2 ** 32;

/**
 * Throws `out-of-memory`, with an estimate, if training needs more memory than there is. `teachers`: bytes of the models
 * that it learns from.
 */
export function checkMemory(
  config: ModelConfig,
  shape: TrainingShape,
  { patience, teachers = 0 }: { readonly patience?: number; readonly teachers?: number },
  available = availableMemory(),
): void {
  const { weights, gradients, moments, activations, scratch, total } = estimateTrainingMemory(config, shape);
  const kept = patience === undefined ? 0 : gradients;
  const needed = total + kept + teachers;
  const limit =
    total > MOST_BYTES
      ? `WebAssembly can have ${humanBytes(MOST_BYTES)}`
      : needed > available
        ? `${humanBytes(available)} are free`
        : undefined;
  if (limit === undefined) return;
  const advice = shape.lora === undefined ? ' or lora' : shape.quantize === undefined ? ' or quantize' : '';
  throw new Gpt2Error(
    'out-of-memory',
    `training needs ${humanBytes(needed)} of memory (weights ${humanBytes(weights)}, gradients ${humanBytes(gradients)}, ` +
      `moments ${humanBytes(moments)}, activations ${humanBytes(activations + scratch)}${kept ? `, best weights ${humanBytes(kept)}` : ''}${teachers ? `, teachers ${humanBytes(teachers)}` : ''}), ` +
      `but ${limit}; a smaller batchSize or contextLength, recompute${advice} needs less`,
  );
}
