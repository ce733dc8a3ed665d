import { positionList } from '../../core/hooks/positions.js';
import { Tracer } from '../../core/hooks/tracer.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { headLogits } from './head_logits.js';
import { indexOfLargest, insideText, textOfToken } from './inside_text.js';
import type { LogitAttribution } from './results.js';

/** What `logitAttribution` passes on. */
export interface AttributionArgs {
  readonly text: string | readonly number[];
  readonly position: number;
  readonly token?: number | undefined;
  readonly against?: number | undefined;
}

const READ = [
  'hook_embed',
  'hook_pos_embed',
  'blocks.*.attn.hook_result',
  'blocks.*.hook_attn_out',
  'blocks.*.hook_mlp_out',
  'ln_final.hook_scale',
];

/** Explains a logit in the thread of the model; see `logitAttribution`. */
export async function attributionHere(
  model: Model,
  args: AttributionArgs,
  { signal }: Work,
): Promise<LogitAttribution> {
  const { core, tokenizer, ids, tokens } = insideText(model, args.text);
  const { channels: C, heads: H, layers: L } = core.config;
  const position = positionList([args.position], ids.length, 'positions')[0]!;
  const { values, logits } = await model.trace(ids, {
    ...{ read: READ, positions: [position], logits: [position], signal },
  });
  const numbers = (name: string) => values[name]!.data;
  const scale = numbers('ln_final.hook_scale')[0]!;
  const { memory, model: fields } = await Tracer.of(core.adapterHost);
  const weight = memory.f32(fields.finalWeight, C).slice();
  const bias = memory.f32(fields.finalBias, C).slice();

  const layers = Array.from({ length: L }, (_, layer) => {
    const result = numbers(`blocks.${layer}.attn.hook_result`);
    const heads = Array.from({ length: H }, (_, head) => result.subarray(head * C, (head + 1) * C));
    const attention = numbers(`blocks.${layer}.hook_attn_out`);
    const rest = attention.map((value, c) => heads.reduce((left, head) => left - head[c]!, value));
    return [...heads, rest, numbers(`blocks.${layer}.hook_mlp_out`)];
  });
  const parts = [numbers('hook_embed'), numbers('hook_pos_embed'), ...layers.flat()];
  const rows = [...parts.map((part) => normalized(part, scale, weight)), bias];

  const token = args.token ?? indexOfLargest(logits!.data);
  const { against } = args;
  const chosen = against === undefined ? [token] : [token, against];
  const difference = (of: (id: number) => number) => of(token) - (against === undefined ? 0 : of(against));
  const added = (await headLogits(core, rows, chosen, signal)).map((found) =>
    difference((id) => found[chosen.indexOf(id)]!),
  );
  const logit = difference((id) => logits!.data[id]!);
  const named = (id: number) => ({ id, text: textOfToken(id, tokenizer) });
  return {
    ...{ tokens, position, logit, token: named(token) },
    against: against === undefined ? undefined : named(against),
    embedding: added[0]!,
    positionEmbedding: added[1]!,
    layers: layers.map((_, layer) => {
      const own = added.slice(2 + layer * (H + 2), 2 + (layer + 1) * (H + 2));
      return {
        attention: sum(own.slice(0, H + 1)),
        ...{ heads: own.slice(0, H), attentionBias: own[H]!, mlp: own[H + 1]! },
      };
    }),
    bias: added.at(-1)!,
    remainder: logit - sum(added),
  };
}

/** A part of the residual stream as the last layer norm passes it on: centred, divided by the scale, weighted. */
function normalized(part: Float32Array, scale: number, weight: Float32Array): Float32Array {
  const mean = sum(part) / part.length;
  return part.map((value, c) => ((value - mean) / scale) * weight[c]!);
}

function sum(numbers: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < numbers.length; i++) total += numbers[i]!;
  return total;
}
