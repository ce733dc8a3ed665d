import { Gpt2Error } from '../../base/errors.js';
import type { Checkpoint } from '../../checkpoints/checkpoint.js';
import { type AdaptedModel, adaptedGpt2 } from '../../checkpoints/peft/adapted_model.js';
import { headsOf, withHeads } from '../../checkpoints/peft/adapter_heads.js';
import { AdapterSum } from '../../checkpoints/peft/adapter_sum.js';
import { MergingLoader } from '../../checkpoints/peft/merging_loader.js';
import { untiedFor } from '../../checkpoints/peft/own_head.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import type { AdapterChoice, AdapterOptions } from './adapter_choice.js';
import { openAdapters } from './open_adapters.js';

/** Adapters, and how they are read. */
export type AdaptersToMerge = AdapterOptions & { readonly adapters?: readonly AdapterChoice[] | undefined };

/** A checkpoint and the adapters that are merged into it while it is read. */
export interface MergedCheckpoint {
  /**
   * The checkpoint; its head is its own if the adapters change only one of head and embedding, and it has the heads
   * for other tasks of the adapters.
   */
  readonly checkpoint: Checkpoint;
  readonly sum: AdapterSum;
  /** Puts the adapters before a loader. */
  merge(loader: WeightLoader): WeightLoader;
}

/** Reads the adapters of a checkpoint that is open. Throws as `openAdapters`, and `invalid-option`. */
export async function mergeInto(checkpoint: Checkpoint, options: AdaptersToMerge): Promise<MergedCheckpoint> {
  const adapters = await openAdapters(options.adapters ?? [], adaptedGpt2(checkpoint.config), options);
  const sum = new AdapterSum(adapters);
  return {
    checkpoint: withHeads(untiedFor(checkpoint, sum), headsOf(adapters)),
    sum,
    merge: (loader) => new MergingLoader(loader, sum),
  };
}

/** As `mergeInto`, for a model of another kind; throws `unsupported` if its head would come apart from the embedding. */
export async function mergerFor(
  model: AdaptedModel,
  options: AdaptersToMerge,
): Promise<(loader: WeightLoader) => WeightLoader> {
  const sum = new AdapterSum(await openAdapters(options.adapters ?? [], model, options));
  if (model.isHeadTied && !sum.keepsHeadTied) {
    throw new Gpt2Error(
      'unsupported',
      'an adapter changes the embedding and not the head, or the other way round; the two are one matrix here',
    );
  }
  return (loader) => new MergingLoader(loader, sum);
}
