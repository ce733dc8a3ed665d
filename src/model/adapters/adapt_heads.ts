import { Gpt2Error } from '../../base/errors.js';
import type { AdapterHeads } from '../../checkpoints/peft/adapter_heads.js';
import type { AdaptedCore } from '../../core/adapters/adapted_core.js';
import { readHeads } from '../heads/read_heads.js';
import { taskHeads } from '../heads/task_head.js';

/**
 * Gives a core with adapters their heads for other tasks beside those of the model. A head in place of one of the
 * model keeps the names of its labels, since an adapter has none.
 */
export async function adaptHeads(
  core: AdaptedCore,
  { source, tensors }: AdapterHeads,
  signal: AbortSignal | undefined,
): Promise<void> {
  const own = taskHeads.get(core.adapterHost);
  const list = async () => [];
  const { config } = core;
  await readHeads(core, { source: { ...source, list }, config, json: {}, taskHeads: tensors }, signal);
  const heads = new Map(own);
  for (const [name, head] of taskHeads.get(core)!) {
    const before = own?.get(name);
    const isSame =
      !(head instanceof Gpt2Error) &&
      before !== undefined &&
      !(before instanceof Gpt2Error) &&
      before.labels.length === head.labels.length;
    heads.set(name, isSame ? { ...before, weight: head.weight, bias: head.bias } : head);
  }
  taskHeads.set(core, heads);
}
