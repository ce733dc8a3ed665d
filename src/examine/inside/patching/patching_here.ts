import { Gpt2Error, throwIfAborted } from '../../../base/errors.js';
import type { Edit } from '../../../core/hooks/edit.js';
import { positionsOrAll } from '../../../core/hooks/positions.js';
import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import { insideText } from '../inside_text.js';
import type { PatchingGrid, PatchingMeasure } from './results.js';

/** What `patchingGrid` passes on, checked but for the positions and the lengths of the texts. */
export interface PatchingArgs {
  readonly hook: string;
  readonly measure: PatchingMeasure;
  readonly positions?: ArrayLike<number> | undefined;
  readonly clean: string | readonly number[];
  readonly corrupted: string | readonly number[];
  readonly layers: readonly number[];
  readonly heads: readonly number[] | undefined;
}

/** Edited texts that are evaluated at once. */
const AT_ONCE = 16;

/** Patches in the thread of the model; see `patchingGrid`. */
export async function patchingHere(model: Model, args: PatchingArgs, work: Work): Promise<PatchingGrid> {
  const { layers, heads, measure } = args;
  const { signal, onProgress } = work;
  const clean = insideText(model, args.clean);
  const corrupted = insideText(model, args.corrupted);
  const { length } = corrupted.ids;
  if (clean.ids.length !== length) {
    throw new Gpt2Error(
      'invalid-option',
      `the clean text has ${clean.ids.length} tokens, and the corrupted one ${length}; they must have as many`,
    );
  }
  const positions = positionsOrAll(args.positions, length);
  const measureOf = ({ data }: { readonly data: Float32Array }) =>
    data[measure.token]! - (measure.against === undefined ? 0 : data[measure.against]!);

  const nameOf = (layer: number) => args.hook.replace('*', String(layer));
  const source = await model.trace(clean.ids, { read: layers.map(nameOf), positions, signal });
  const plain = await model.trace(corrupted.ids, { signal });
  const [best, worst] = [measureOf(source.logits!), measureOf(plain.logits!)];
  if (best === worst) {
    throw new Gpt2Error('invalid-option', `both texts give the measure ${best}: there is nothing to restore`);
  }

  const columns = heads ?? positions;
  const edits = layers.flatMap((layer) => {
    const hook = nameOf(layer);
    const { shape, data } = source.values[hook]!;
    return columns.map((column, place): Edit => {
      if (heads === undefined) {
        const width = shape[1]!;
        const value = data.subarray(place * width, (place + 1) * width);
        return { hook, positions: [column], op: 'replace', value };
      }
      const value = ofHead(data, shape, column, args.hook);
      return { hook, positions, heads: [column], op: 'replace', value };
    });
  });
  const measures: number[] = [];
  for (let from = 0; from < edits.length; from += AT_ONCE) {
    throwIfAborted(signal, 'patching');
    const some = edits.slice(from, from + AT_ONCE);
    const traces = await Promise.all(
      some.map((edit) => model.trace(corrupted.ids, { edit: [edit], signal })),
    );
    measures.push(...traces.map(({ logits }) => measureOf(logits!)));
    onProgress?.({ done: from + some.length, total: edits.length });
  }
  const shape = [layers.length, columns.length];
  return {
    tokens: { clean: clean.tokens, corrupted: corrupted.tokens },
    ...{ layers, positions, heads, clean: best, corrupted: worst },
    measures: { shape, data: Float32Array.from(measures) },
    effects: { shape, data: Float32Array.from(measures, (measured) => (measured - worst) / (best - worst)) },
  };
}

/** The numbers of one head: [positions, width] of [positions, heads, width], or of attention [positions, tokens]. */
function ofHead(data: Float32Array, shape: readonly number[], head: number, hook: string): Float32Array {
  const isAttention = hook.endsWith('pattern') || hook.endsWith('attn_scores');
  if (isAttention) {
    const size = shape[1]! * shape[2]!;
    return data.subarray(head * size, (head + 1) * size);
  }
  const [rows, heads, width] = shape as [number, number, number];
  const own = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const at = (row * heads + head) * width;
    own.set(data.subarray(at, at + width), row * width);
  }
  return own;
}
