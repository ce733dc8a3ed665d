// Imported on demand: most lessons learn from text.

import { counted } from '../../base/counted.js';
import type { Source } from '../../files/source_options.js';
import { loadTokenizer } from '../../model/load_model.js';
import { PreferenceTrainer } from '../../train/preferences/preference_trainer.js';
import { exampleIds } from '../choices/example_ids.js';
import { filesOf } from '../model/model_request.js';
import type { OpenLesson } from './open_lesson.js';
import type { ChoiceLesson } from './protocol.js';

/** Examples of a step, and most tokens of a prompt with its continuation. */
const BATCH = 4;
const LENGTH = 256;
const SEED = 1;

/** Reads the model, and judges all choices with it. `prepare` gets sentences about the progress. */
export async function openChoices(
  source: Source,
  { choices, adapters, epochs, learningRate, contextLength }: ChoiceLesson,
  prepare: (text: string) => void,
): Promise<OpenLesson> {
  const tokenizer = await loadTokenizer(source);
  const { loss, examples, validation } = choices;
  const trainer = await PreferenceTrainer.create({
    ...{ model: source, adapters: filesOf(adapters), loss, validation, epochs, learningRate },
    ...{ data: examples.map((example) => exampleIds(example, (text) => tokenizer.encode(text))) },
    ...{ batchSize: BATCH, contextLength: Math.min(LENGTH, contextLength), lora: {}, seed: SEED },
    onProgress: ({ done, total }) => prepare(`Reading the choices: ${done} of ${total}`),
  });
  const held = (await trainer.measures())?.examples ?? 0;
  const noun = loss === 'dpo' ? 'preference' : 'thumb';
  const learned = `${counted(examples.length - held, noun)} to learn from`;
  const about = [learned, ...(held > 0 ? [`${held} are held out`] : []), ...trainer.notes].join('; ');
  return {
    trainer,
    about,
    async accuracy() {
      const share = (await trainer.measures())?.accuracy;
      return share === undefined ? undefined : { examples: held, share };
    },
  };
}
