import { checkOptionNames } from '../../base/check_options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Watermark } from '../../generate/watermark/watermark.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { AnyModel } from '../any_model.js';
import { runOperation } from '../run_operation.js';
import type { DetectWatermarkOptions, WatermarkDetection } from './detection.js';

/**
 * Looks for a watermark in a text, which `generate` wrote with the same settings of the option `watermark` and a model
 * of the same vocabulary. No weights are needed: a `Tokenizer` is enough, if it has all ids of the model. A text that was
 * changed or mixed with others keeps a part of the evidence. Tokens must come as they were written, so ids are surest;
 * those of text are the tokenizer's. Progress counts tokens that can be judged.
 *
 * Throws `invalid-option`, and `aborted`.
 */
export async function detectWatermark(
  model: AnyModel | Tokenizer,
  text: Prompt,
  watermark: Watermark,
  options: DetectWatermarkOptions = {},
): Promise<WatermarkDetection> {
  checkOptionNames('detectWatermark', options, ['ignoreRepeatedNgrams', 'byLength', 'signal', 'onProgress']);
  const { signal, onProgress, ...others } = options;
  const question = { text, watermark, options: others };
  const work = { signal, onProgress };
  if (!isTokenizer(model)) return runOperation(model, 'detectWatermark', question, work);
  const { detectInTokenizer } = await import('./read_watermark.js');
  return detectInTokenizer(model, question, work);
}

function isTokenizer(model: AnyModel | Tokenizer): model is Tokenizer {
  return typeof (model as Partial<Tokenizer> | undefined)?.encodeUpTo === 'function';
}
