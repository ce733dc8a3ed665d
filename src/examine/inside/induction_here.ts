import { RandomStream } from '../../base/random.js';
import { loadedModels } from '../../generate/loaded_models.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { readPatterns } from './read_patterns.js';
import type { InductionScore } from './results.js';

/** What `inductionScores` passes on, checked. */
export interface InductionArgs {
  readonly length: number;
  readonly texts: number;
  readonly seed: number;
}

/** Scores heads in the thread of the model; see `inductionScores`. */
export async function inductionHere(
  model: Model,
  { length, texts, seed }: InductionArgs,
  { signal, onProgress }: Work,
): Promise<InductionScore[]> {
  const { layers: L, heads: H, vocabSize } = loadedModels.get(model)!.core.config;
  const layers = Array.from({ length: L }, (_, layer) => layer);
  const sums = Array.from({ length: L * H }, () => ({ induction: 0, duplicate: 0, previous: 0 }));
  const positions = Array.from({ length }, (_, i) => length + i);
  for (let text = 0; text < texts; text++) {
    const random = new RandomStream(seed, text);
    const once = Array.from({ length }, () => Math.floor(random.next() * vocabSize));
    const ids = [...once, ...once];
    await readPatterns(model, { ids, positions, layers }, { signal }, (layer, weights) => {
      for (let head = 0; head < H; head++) {
        const sum = sums[layer * H + head]!;
        positions.forEach((position, i) => {
          const row = (head * length + i) * ids.length;
          sum.induction += weights[row + position - length + 1]!;
          sum.duplicate += weights[row + position - length]!;
          sum.previous += weights[row + position - 1]!;
        });
      }
    });
    onProgress?.({ done: text + 1, total: texts });
  }
  const mean = (total: number) => total / (texts * length);
  return sums.map(({ induction, duplicate, previous }, i) => ({
    layer: Math.floor(i / H),
    head: i % H,
    induction: mean(induction),
    duplicate: mean(duplicate),
    previous: mean(previous),
  }));
}
