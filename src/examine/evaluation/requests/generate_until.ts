import { Gpt2Error, throwIfAborted } from '../../../base/errors.js';
import type { Model } from '../../../model/model.js';
import type { Work } from '../../../model/remote_models.js';
import type { GenerateRequest } from './request.js';

/**
 * Operation: the text that continues a context. As in EleutherAI's harness, the context loses tokens at its
 * start so that `maxTokens` fit after it. Throws `invalid-option` if these leave no room for a context.
 */
export async function generateUntil(
  model: Model,
  { context, settings }: GenerateRequest,
  { signal }: Work,
): Promise<string> {
  const { until, maxTokens, ...sampling } = settings;
  const room = model.config.contextLength - maxTokens;
  if (room < 1) {
    throw new Gpt2Error(
      'invalid-option',
      `${maxTokens} tokens to generate leave no room for a context in the model's ${model.config.contextLength} positions; set max_gen_toks in generation_kwargs`,
    );
  }
  const tokens = model.tokenizer.encode(context).slice(-room);
  const stop = until.filter((text) => text !== '');
  const { text } = await model.generate(tokens, { ...sampling, maxTokens, stop, signal });
  throwIfAborted(signal, 'generating');
  return text;
}
