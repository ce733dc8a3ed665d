import type { Edit } from '../../core/hooks/edit.js';
import type { WorkerModel } from '../../worker/worker_model.js';

/** A direction inside the model: from some words to others. */
export interface Direction {
  /** Separated by commas. */
  readonly towards: string;
  /** Separated by commas. */
  readonly away: string;
  /** From 0. */
  readonly layer: number;
}

/** Pairs of lists of words to begin with. */
export const PRESETS: Readonly<Record<string, Omit<Direction, 'layer'>>> = {
  'happy or sad': { towards: 'happy, smiled, laughed, joy, fun', away: 'sad, cried, tears, scared, angry' },
  'animals or things': { towards: 'dog, cat, bird, bear', away: 'car, ball, house, box' },
};

const hookOf = (layer: number) => `blocks.${layer}.hook_resid_post`;

/**
 * The mean of what the residual stream has after a layer at the last token of each of the words, less that of the other
 * words (Turner et al. 2023). Undefined if there are no words on one side.
 */
export async function directionVector(
  model: WorkerModel,
  { towards, away, layer }: Direction,
): Promise<Float32Array | undefined> {
  const lists = [wordsOf(towards), wordsOf(away)];
  if (lists.some(({ length }) => length === 0)) return undefined;
  const vector = new Float32Array(model.config.channels);
  for (const [sign, words] of [
    [1, lists[0]!],
    [-1, lists[1]!],
  ] as const) {
    for (const word of words) {
      const { values } = await model.trace(word, { read: [hookOf(layer)], positions: [-1], logits: 'none' });
      const { data } = values[hookOf(layer)]!;
      for (const [i, number] of data.entries()) vector[i]! += (sign * number) / words.length;
    }
  }
  return vector;
}

/** Adds a vector everywhere, `strength` times. */
export function steer(vector: Float32Array, layer: number, strength: number): Edit {
  return { hook: hookOf(layer), op: 'add', value: vector.map((number) => number * strength) };
}

/** Words as they are within a sentence, after a space. */
function wordsOf(list: string): string[] {
  const words = list.split(',').map((word) => word.trim());
  return words.filter((word) => word !== '').map((word) => ` ${word}`);
}
