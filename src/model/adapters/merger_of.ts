import type { AdaptedModel } from '../../checkpoints/peft/adapted_model.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import type { AdaptersToMerge } from './merge_adapters.js';

/**
 * The function that adds adapters of a model to a loader. Its code is loaded on demand, since few models have
 * adapters.
 */
export async function mergerOf(
  options: AdaptersToMerge,
  model: AdaptedModel,
): Promise<(loader: WeightLoader) => WeightLoader> {
  if (options.adapters === undefined) return (loader) => loader;
  return (await import('./merge_adapters.js')).mergerFor(model, options);
}
