import type { SteeringVector } from '../../examine/inside/steering/results.js';
import { steeringVector } from '../../examine/inside/steering/steering_vector.js';
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

/** The direction between two lists of words; undefined if one of the lists is empty. */
export async function vectorOf(
  model: WorkerModel,
  { towards, away, layer }: Direction,
): Promise<SteeringVector | undefined> {
  const [positive, negative] = [wordsOf(towards), wordsOf(away)];
  if (positive.length === 0 || negative.length === 0) return undefined;
  return steeringVector(model, { positive, negative, layer });
}

/** Words as they are within a sentence, after a space. */
export function wordsOf(list: string): string[] {
  const words = list.split(',').map((word) => word.trim());
  return words.filter((word) => word !== '').map((word) => ` ${word}`);
}
