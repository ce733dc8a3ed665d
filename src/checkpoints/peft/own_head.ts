import type { Checkpoint } from '../checkpoint.js';
import { EMBEDDING, HEAD } from './adapted_model.js';
import type { AdapterSum } from './adapter_sum.js';

/**
 * The checkpoint as adapters need it: a head that is tied to the embedding becomes a second copy of it if adapters
 * change only one of the two, as in PEFT.
 */
export function untiedFor(checkpoint: Checkpoint, sum: AdapterSum): Checkpoint {
  const { config, tensors } = checkpoint;
  if (!config.tiedHead || sum.keepsHeadTied) return checkpoint;
  const embedding = tensors.get(EMBEDDING)!;
  const head = { ...embedding, parameter: { ...embedding.parameter, name: HEAD } };
  return {
    ...checkpoint,
    config: { ...config, tiedHead: false },
    tensors: new Map([...tensors, [HEAD, head]]),
    totalBytes: checkpoint.totalBytes + head.end - head.start,
  };
}
