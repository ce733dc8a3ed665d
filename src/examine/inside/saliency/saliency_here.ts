import { Gpt2Error, throwIfAborted } from '../../../base/errors.js';
import { positionList } from '../../../core/hooks/positions.js';
import { TrainCore } from '../../../core/training/train_core.js';
import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import { indexOfLargest, insideText, textOfToken } from '../inside_text.js';
import type { Saliency, SaliencyMethod } from './results.js';
import { passWeights } from './stored_weights.js';

/** What `saliency` passes on, checked but for the position. */
export interface SaliencyArgs {
  readonly text: string | readonly number[];
  readonly position: number;
  readonly token?: number | undefined;
  readonly against?: number | undefined;
  readonly method: SaliencyMethod;
}

/** Nothing is trained: beside an adapter of zeros, the model's own weights need no gradients and no moments. */
const NO_ADAPTER = { rank: 1, alpha: 1, targets: ['attn.c_proj'] } as const;

/** Computes saliency in the thread of the model; see `saliency`. */
export async function saliencyHere(model: Model, args: SaliencyArgs, { signal }: Work): Promise<Saliency> {
  const { method, against } = args;
  const { core, tokenizer, ids, tokens } = insideText(model, args.text);
  const { config, build } = core;
  const { channels } = config;
  const position = positionList([args.position], ids.length, 'positions')[0]!;
  const seen = ids.slice(0, position + 1);
  const { values, logits } = await model.trace(seen, { read: ['hook_embed'], signal });
  const { data: embeddings } = values.hook_embed!;
  const token = args.token ?? indexOfLargest(logits!.data);

  const shape = { batch: 1, length: seen.length, lora: NO_ADAPTER };
  const training = await TrainCore.create({ config, build, shape, threads: core.threads.count });
  try {
    await passWeights(core, training.loader('weights'), signal);
    const gradients = async (id: number) => {
      const targets = seen.map((_, i) => (i === position ? id : -1));
      const batch = { batch: 1, length: seen.length, tokens: seen, targets };
      // The loss is -ln p.
      const loss = await training.accumulate(batch, { scale: -1 });
      throwIfAborted(signal, 'saliency');
      return { logprob: -loss, data: training.embeddingGradients() };
    };
    const own = await gradients(token);
    const other = against === undefined ? undefined : await gradients(against);
    const data = other === undefined ? own.data : own.data.map((value, i) => value - other.data[i]!);
    const scores = seen.map((_, i) => {
      const row = data.subarray(i * channels, (i + 1) * channels);
      const embedding = embeddings.subarray(i * channels, (i + 1) * channels);
      return method === 'gradientNorm' ? Math.sqrt(product(row, row)) : product(row, embedding);
    });
    const logprob = own.logprob - (other?.logprob ?? 0);
    if (![...scores, logprob].every(Number.isFinite)) {
      throw new Gpt2Error(
        'runtime',
        'gradients are NaN or infinite: weights are so large that 32-bit numbers overflow',
      );
    }
    const named = (id: number) => ({ id, text: textOfToken(id, tokenizer) });
    return {
      ...{ tokens: tokens.slice(0, position + 1), position, token: named(token), logprob, method, scores },
      against: against === undefined ? undefined : named(against),
    };
  } finally {
    training.dispose();
  }
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
