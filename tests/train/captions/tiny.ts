import type { CaptionExample } from '../../../src/train/captions/caption_data.js';
import type { CaptionTrainerOptions } from '../../../src/train/captions/caption_options.js';
import type { CaptionTrainer } from '../../../src/train/captions/caption_trainer.js';
import type { TrainingStep } from '../../../src/train/training_step.js';
import { randomSource } from '../../support/random.js';
import { ODD } from '../../support/random_captioners.js';

const { outputChannels: _, ...encoder } = ODD.encoder!;
const { crossAttention: __, ...decoder } = ODD.config;

/** Sizes of a captioner that a step takes milliseconds of. */
export const TINY = { encoder, decoder };

/** Pictures of 6 x 9 pixels: one of six squares has one of three colours, and the caption says which and what colour. */
export const PICTURES: readonly CaptionExample[] = (() => {
  const random = randomSource(1);
  return Array.from({ length: 30 }, () => {
    const [place, colour] = [random.below(6), random.below(3)];
    const pixels = new Float32Array(3 * 54).fill(-1);
    for (let i = 0; i < 9; i++) {
      const row = 3 * Math.floor(place / 3) + Math.floor(i / 3);
      pixels[colour * 54 + row * 9 + 3 * (place % 3) + (i % 3)] = 1;
    }
    // Captions of different lengths.
    return { pixels, ids: [1 + place, ...(colour === 0 ? [] : [10 + colour])] };
  });
})();

/** Runs of that captioner. */
export const OPTIONS: CaptionTrainerOptions = {
  ...{ config: TINY, data: PICTURES, steps: 12, batchSize: 3, accumulation: 2, contextLength: 6 },
  ...{ learningRate: 3e-3, dropout: 0.1, seed: 5, validation: 0.2, evaluateEvery: 5 },
  ...{ build: 'simd', threads: 1 },
};

/** The steps of a run, or its next `most`. */
export async function run(trainer: CaptionTrainer, most = Infinity): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of trainer) {
    steps.push(step);
    if (steps.length === most) break;
  }
  return steps;
}
