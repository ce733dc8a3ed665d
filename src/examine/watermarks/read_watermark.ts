import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { throwIfAborted } from '../../base/errors.js';
import { idList } from '../../base/id_list.js';
import { nextTask } from '../../base/next_task.js';
import type { Prompt } from '../../generate/prompt.js';
import { checkWatermark } from '../../generate/rare_options/watermark.js';
import type { Watermark } from '../../generate/watermark/watermark.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { DetectWatermarkOptions, WatermarkDetection } from './detection.js';
import { readGreen } from './read_green.js';
import { readTournament } from './read_tournament.js';
import type { Reading } from './reading.js';

/** Tokens between two tasks of the event loop. */
const TOKENS_AT_ONCE = 256;

/** What `detectWatermark` is asked for, as data. */
export interface WatermarkQuestion {
  readonly text: Prompt;
  readonly watermark: Watermark;
  readonly options: Omit<DetectWatermarkOptions, keyof Work>;
}

/** The operation `detectWatermark`. */
export function detectInModel(
  model: Model,
  question: WatermarkQuestion,
  work: Work,
): Promise<WatermarkDetection> {
  // A model without a tokenizer throws for a text alone.
  return readWatermark(() => model.tokenizer, model.config, question, work);
}

/** Reads a watermark with a tokenizer, which must have all ids of the vocabulary with which it was written. */
export function detectInTokenizer(
  tokenizer: Tokenizer,
  question: WatermarkQuestion,
  work: Work,
): Promise<WatermarkDetection> {
  const { vocabSize, bosTokenId, eosTokenId } = tokenizer;
  const config = { vocabSize, bosTokenId, eosTokenIds: eosTokenId === undefined ? [] : [eosTokenId] };
  return readWatermark(() => tokenizer, config, question, work);
}

/** Reads a watermark. `tokenizer` is called only for a text. Throws `invalid-option`, and `aborted`. */
export async function readWatermark(
  tokenizer: () => Tokenizer,
  config: Reading['config'],
  { text, watermark, options }: WatermarkQuestion,
  { signal, onProgress }: Work,
): Promise<WatermarkDetection> {
  const resolved = checkWatermark('watermark', watermark, config as ModelConfig);
  const { ignoreRepeatedNgrams, byLength } = checkedOptions(options, resolved.kind);
  const ids =
    typeof text === 'string'
      ? tokenizer().encode(text)
      : idList(text, 'the text', 'a string or an array of token ids', config.vocabSize);
  const step = (done: number, total: number) => {
    throwIfAborted(signal, 'the detection');
    if (done === 0 || done % TOKENS_AT_ONCE !== 0) return undefined;
    onProgress?.({ done, total });
    return nextTask();
  };
  const reading = { config, ignoreRepeatedNgrams, byLength, step };
  const found =
    resolved.kind === 'synthid'
      ? await readTournament(ids, resolved, reading)
      : await readGreen(ids, resolved, reading);
  const total = found.counts.length;
  onProgress?.({ done: total, total });
  return found;
}

function checkedOptions(options: WatermarkQuestion['options'], kind: Watermark['kind']) {
  checkOptionNames('detectWatermark', options, ['ignoreRepeatedNgrams', 'byLength']);
  const { ignoreRepeatedNgrams = kind === 'unigram', byLength = false } = options;
  for (const [name, value] of Object.entries({ ignoreRepeatedNgrams, byLength })) {
    if (typeof value !== 'boolean') throw invalidOption(name, value, 'true or false');
  }
  return { ignoreRepeatedNgrams, byLength };
}
