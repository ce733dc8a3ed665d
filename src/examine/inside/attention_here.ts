import { Gpt2Error } from '../../base/errors.js';
import { ln } from '../../base/exact_math.js';
import { positionsOrAll } from '../../core/hooks/positions.js';
import { mebibytes } from '../../core/memory.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { insideText } from './inside_text.js';
import { readPatterns } from './read_patterns.js';
import type { AttentionPatterns, HeadSummary } from './results.js';
import { attentionRollout } from './rollout.js';

/** What `attentionPatterns` passes on, checked but for the positions. */
export interface AttentionArgs {
  readonly text: string | readonly number[];
  readonly layers: readonly number[];
  readonly heads: readonly number[];
  readonly positions?: ArrayLike<number> | undefined;
  readonly rollout: boolean;
}

const MOST_BYTES = 2 ** 30;

/** Reads attention in the thread of the model; see `attentionPatterns`. */
export async function attentionHere(
  model: Model,
  args: AttentionArgs,
  work: Work,
): Promise<AttentionPatterns> {
  const { layers, heads } = args;
  const { ids, tokens } = insideText(model, args.text);
  const positions = positionsOrAll(args.positions, ids.length);
  const shape = [layers.length, heads.length, positions.length, ids.length];
  const size = positions.length * ids.length;
  const data = weightsArray(layers.length * heads.length * size);
  const summaries: HeadSummary[] = [];
  let place = 0;
  await readPatterns(model, { ids, positions, layers }, work, (layer, weights) => {
    for (const head of heads) {
      const own = weights.subarray(head * size, (head + 1) * size);
      data.set(own, place);
      place += size;
      summaries.push({ layer, head, ...summaryOf(own, positions, ids.length) });
    }
  });
  const rollout = args.rollout
    ? {
        shape: [positions.length, ids.length],
        data: await attentionRollout(model, ids, positions, { signal: work.signal }),
      }
    : undefined;
  return { tokens, layers, heads, positions, weights: { shape, data }, summaries, rollout };
}

function weightsArray(numbers: number): Float32Array {
  if (4 * numbers > MOST_BYTES) {
    throw new Gpt2Error(
      'out-of-memory',
      `the attention of these layers and heads takes ${mebibytes(4 * numbers)}; at most ${mebibytes(MOST_BYTES)} are ` +
        'read at once: choose layers, heads or positions',
    );
  }
  return new Float32Array(numbers);
}

/** Means over the positions of weights [positions, tokens]. */
function summaryOf(weights: Float32Array, positions: readonly number[], tokens: number) {
  let [entropy, first, previous, self, distance] = [0, 0, 0, 0, 0];
  positions.forEach((position, row) => {
    const own = weights.subarray(row * tokens, (row + 1) * tokens);
    first += own[0]!;
    previous += position > 0 ? own[position - 1]! : 0;
    self += own[position]!;
    for (let key = 0; key <= position; key++) {
      const weight = own[key]!;
      if (weight > 0) entropy -= weight * ln(weight);
      distance += weight * (position - key);
    }
  });
  const mean = (sum: number) => sum / positions.length;
  return {
    entropy: mean(entropy),
    first: mean(first),
    previous: mean(previous),
    self: mean(self),
    distance: mean(distance),
  };
}
