import { counted } from '../../base/counted.js';
import { humanTime } from '../../base/human_time.js';
import type { ClassifierTrainerOptions } from '../../train/classes/classifier_options.js';
import { ClassifierTrainer } from '../../train/classes/classifier_trainer.js';
import { exampleRun, percent } from './example_run.js';
import type { TrainValues } from './flags.js';
import { labelledTexts } from './labelled_texts.js';

/** Trains a classifier as the flags say. `start` gives the model to train. */
export async function classifierRun(
  paths: readonly string[],
  values: TrainValues,
  start: Pick<ClassifierTrainerOptions, 'model' | 'revision' | 'lora'>,
): Promise<void> {
  let texts = 0;
  await exampleRun<ClassifierTrainer>(values, {
    async create(options, signal) {
      const data = await labelledTexts(paths, signal);
      texts = data.length;
      return ClassifierTrainer.create({ ...options, ...start, data });
    },
    begun: ({ labels }) => [
      `read ${counted(texts, 'text')} of ${labels.length} classes: ${labels.join(', ')}`,
    ],
    async ended(trainer) {
      const heldOut = await trainer.measures();
      const held =
        heldOut === undefined
          ? ''
          : `; of ${counted(heldOut.texts, 'held-out text')}: accuracy ${percent(heldOut.accuracy)}, F1 ${percent(heldOut.f1)}`;
      const { labels, steps } = trainer;
      return {
        figures: { labels, heldOut },
        line: `trained for ${counted(steps, 'step')} in ${humanTime(process.uptime())}${held}`,
      };
    },
  });
}
