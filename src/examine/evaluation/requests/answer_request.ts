import type { Prompt } from '../../../generate/prompt.js';
import type { AnyModel } from '../../any_model.js';
import { runOperation } from '../../run_operation.js';
import type { Answer, EvaluationRequest } from './request.js';

/** Asks a model one request. Throws what its calls throw. */
export async function answerRequest(
  model: AnyModel,
  request: EvaluationRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  switch (request.type) {
    case 'loglikelihood': {
      const { context, continuation } = request;
      const { logprob, isGreedy } = await model.loglikelihood(context, continuation, { signal });
      return { logprob, isGreedy };
    }
    case 'loglikelihood_rolling':
      return { logprob: await rolling(model, request.text, signal) };
    case 'generate_until':
      return { text: await runOperation(model, 'generateUntil', request, { signal }) };
  }
}

/** The first window begins after the token that begins a text; the last one overlaps the one before it. */
async function rolling(model: AnyModel, text: Prompt, signal: AbortSignal | undefined): Promise<number> {
  if (text.length === 0) return 0;
  const { sum } = await model.score(text, { start: true, stride: model.config.contextLength, signal });
  return sum;
}
