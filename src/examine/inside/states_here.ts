import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { insideText } from './inside_text.js';

/** Of which tokens of a text the numbers are taken: the last one, or the mean over all. */
export type StatePosition = 'last' | 'mean';

export const STATE_POSITIONS: readonly StatePosition[] = ['last', 'mean'];

/** Texts that are evaluated at once. */
const AT_ONCE = 16;

/**
 * Passes a vector [C] of each text and hook, texts in their order. Progress counts texts. Throws `context-full` for
 * a text that is too long, and `aborted`.
 */
export async function readStates(
  model: Model,
  texts: readonly (string | readonly number[])[],
  { hooks, position }: { readonly hooks: readonly string[]; readonly position: StatePosition },
  { signal, onProgress }: Work,
  receive: (text: number, hook: number, state: Float32Array) => void,
): Promise<void> {
  const encoded = texts.map((text, i) => idsOf(model, text, `text ${i} of ${texts.length}`));
  const positions = position === 'last' ? [-1] : undefined;
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    throwIfAborted(signal, 'reading texts');
    const some = encoded.slice(from, from + AT_ONCE);
    const traces = await Promise.all(
      some.map((ids) => model.trace(ids, { read: [...hooks], positions, logits: 'none', signal })),
    );
    traces.forEach(({ values }, i) => {
      hooks.forEach((hook, place) => {
        receive(from + i, place, meanRow(values[hook]!.data, model.config.channels));
      });
    });
    onProgress?.({ done: from + some.length, total: texts.length });
  }
}

/** The tokens of a text, whose name is in the message of an error. */
function idsOf(model: Model, text: string | readonly number[], name: string): number[] {
  try {
    return insideText(model, text).ids;
  } catch (error) {
    if (!(error instanceof Gpt2Error)) throw error;
    throw new Gpt2Error(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

/** The mean of rows [C], in 64 bits and then rounded. */
function meanRow(rows: Float32Array, channels: number): Float32Array {
  const count = rows.length / channels;
  if (count === 1) return rows;
  const sum = new Float64Array(channels);
  for (let i = 0; i < rows.length; i++) sum[i % channels]! += rows[i]!;
  return Float32Array.from(sum, (value) => value / count);
}
