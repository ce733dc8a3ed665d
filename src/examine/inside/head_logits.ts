import type { Cancellation } from '../../base/cancellation.js';
import { evaluateOnce } from '../../core/evaluate.js';
import { checkEdits } from '../../core/hooks/edit.js';
import { TraceHooks } from '../../core/hooks/hooks.js';
import { Tracer } from '../../core/hooks/tracer.js';
import type { ModelCore } from '../../core/types.js';

/**
 * The logits of some tokens that the head makes of vectors [C], for each vector. They take the place of the normalized
 * final states of a text, so that the model's own head computes them. Throws `aborted`.
 */
export async function headLogits(
  core: ModelCore,
  vectors: readonly Float32Array[],
  tokens: readonly number[],
  signal: Cancellation | undefined,
): Promise<number[][]> {
  const { channels, contextLength } = core.config;
  const tracer = await Tracer.of(core.adapterHost);
  const found: number[][] = [];
  for (let from = 0; from < vectors.length; from += contextLength) {
    const some = vectors.slice(from, from + contextLength);
    const value = new Float32Array(some.length * channels);
    some.forEach((vector, row) => {
      value.set(vector, row * channels);
    });
    const edits = checkEdits([{ hook: 'ln_final.hook_normalized', op: 'replace', value }], core.config, {
      ...{ tokens: some.length, grows: false },
    });
    const read = ({ values }: { readonly values: Float32Array }) => {
      found.push(tokens.map((id) => values[id]!));
    };
    const ids = new Array<number>(some.length).fill(0);
    const inputs = { hooks: new TraceHooks(tracer, edits) };
    await evaluateOnce(core, { tokens: ids, inputs, first: 0, read, signal }, 'the attribution');
  }
  return found;
}
