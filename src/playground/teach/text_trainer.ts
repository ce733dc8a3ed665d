import { humanBytes, threeDigits } from '../../base/human_bytes.js';
import type { Source } from '../../files/source_options.js';
import { loadTokenizer } from '../../model/load_model.js';
import { blobDataFile } from '../../train/data/blob_data_file.js';
import { readDocuments } from '../../train/data/read_documents.js';
import { tokenizeDocuments } from '../../train/data/token_documents.js';
import { Trainer } from '../../train/trainer.js';
import { filesOf } from '../model/model_request.js';
import type { OpenLesson } from './open_lesson.js';
import type { TextLesson } from './protocol.js';

/** Rows of a step, and most tokens of a row. */
const BATCH = 4;
const LENGTH = 256;

/** Reads text and model. `prepare` gets sentences about the progress. */
export async function openText(
  source: Source,
  { files, adapters, isAdapter, steps, learningRate, contextLength }: TextLesson,
  prepare: (text: string) => void,
): Promise<OpenLesson> {
  const tokenizer = await loadTokenizer(source);
  const documents = readDocuments(files.map(blobDataFile), {
    onProgress: ({ loaded, total }) =>
      prepare(`Reading the text: ${humanBytes(loaded)} of ${humanBytes(total)}`),
  });
  const data = await tokenizeDocuments(documents, tokenizer);
  const shape = { batchSize: BATCH, contextLength: Math.min(LENGTH, contextLength) };
  const trainer = await Trainer.create({
    ...{ model: source, adapters: filesOf(adapters), data, steps, learningRate, ...shape },
    ...(isAdapter && { lora: {} }),
  });
  const { length } = data.tokens;
  const passes = (steps * shape.batchSize * shape.contextLength) / length;
  const times = passes < 1 ? `${threeDigits(100 * passes)} % of it` : `it ${threeDigits(passes)} times`;
  return { trainer, about: `${length.toLocaleString('en')} tokens of text; the run goes through ${times}` };
}
