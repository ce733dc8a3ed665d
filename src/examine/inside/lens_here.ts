import { evaluateOnce } from '../../core/evaluate.js';
import type { PointRead } from '../../core/hooks/actions.js';
import { TraceHooks } from '../../core/hooks/hooks.js';
import { pointsOf } from '../../core/hooks/points.js';
import { chosenOf, positionsOrAll } from '../../core/hooks/positions.js';
import { Tracer } from '../../core/hooks/tracer.js';
import type { LogitsRow } from '../../core/types.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { likeliest } from '../../score/scored_tokens.js';
import { insideText, withTexts } from './inside_text.js';
import type { LensCell, LogitLens } from './results.js';

/** What `logitLens` passes on, checked but for the positions. */
export interface LensArgs {
  readonly text: string | readonly number[];
  readonly layers: readonly number[];
  readonly positions?: ArrayLike<number> | undefined;
  readonly top: number;
}

/** The hook whose logits are those after a layer. */
const hookAfter = (layer: number) =>
  layer === 0 ? 'blocks.0.hook_resid_pre.logits' : `blocks.${layer - 1}.hook_resid_post.logits`;

/** Reads a text through the logit lens in the thread of the model; see `logitLens`. */
export async function logitLensHere(model: Model, args: LensArgs, { signal }: Work): Promise<LogitLens> {
  const { layers, top } = args;
  const { core, tokenizer, ids, tokens } = insideText(model, args.text);
  const positions = positionsOrAll(args.positions, ids.length);
  const cells = layers.map(() => new Array<LensCell>(positions.length));
  const { indexOf } = chosenOf(positions);
  const points = new Map(pointsOf(core.config).map((point) => [point.name, point]));
  const reads = new Map(
    layers.map((layer, row): [string, PointRead] => {
      const name = hookAfter(layer);
      const receive = (index: number, logits: LogitsRow) => {
        const found = measure(logits, ids[positions[index]! + 1], top);
        cells[row]![index] = { ...found, top: withTexts(found.top, tokenizer) };
      };
      const place = { rows: positions.length, tokens: ids.length, indexOf };
      return [name, { point: points.get(name)!, data: new Float32Array(0), receive, ...place }];
    }),
  );
  const hooks = new TraceHooks(await Tracer.of(core.adapterHost), new Map(), reads);
  const read = () => {};
  await evaluateOnce(
    core,
    { tokens: ids, inputs: { hooks }, wanted: 'hidden', read, signal },
    'the logit lens',
  );
  return { tokens, layers, positions, cells };
}

/** How likely tokens and the next one are in a row of logits. */
function measure(row: LogitsRow, next: number | undefined, count: number) {
  const id = next ?? row.argmax();
  const { logprob, rank, entropy } = row.measure(id);
  const top = likeliest(row, count, row.values[id]! - logprob);
  return next === undefined
    ? { top, entropy, logprob: undefined, rank: undefined }
    : { top, entropy, logprob, rank };
}
