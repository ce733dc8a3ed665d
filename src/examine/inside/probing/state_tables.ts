import { Gpt2Error } from '../../../base/errors.js';
import { mebibytes } from '../../../core/memory.js';
import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import { readStates, type StatePosition } from '../states_here.js';

const MOST_BYTES = 2 ** 30;

/** The hook of a layer: 0 is the residual stream after the embeddings, n after the first n layers. */
export const hookOf = (layer: number): string =>
  layer === 0 ? 'blocks.0.hook_resid_pre' : `blocks.${layer - 1}.hook_resid_post`;

/** The numbers [texts, C] of each layer. Throws `out-of-memory`, `context-full` and `aborted`. */
export async function stateTables(
  model: Model,
  texts: readonly (string | readonly number[])[],
  layers: readonly number[],
  position: StatePosition,
  work: Work,
): Promise<Float32Array[]> {
  const { channels } = model.config;
  const bytes = 4 * texts.length * layers.length * channels;
  if (bytes > MOST_BYTES) {
    throw new Gpt2Error(
      'out-of-memory',
      `the numbers of these layers take ${mebibytes(bytes)}; at most ${mebibytes(MOST_BYTES)} are read at once: ` +
        'choose layers',
    );
  }
  const tables = layers.map(() => new Float32Array(texts.length * channels));
  const hooks = layers.map(hookOf);
  await readStates(model, texts, { hooks, position }, work, (text, hook, state) => {
    tables[hook]!.set(state, text * channels);
  });
  return tables;
}
