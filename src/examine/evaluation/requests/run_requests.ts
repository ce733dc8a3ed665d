import { throwIfAborted } from '../../../base/errors.js';
import { eachText } from '../../../generate/each_text.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { withName } from '../../with_name.js';
import { answerRequest } from './answer_request.js';
import type { Answer, EvaluationRequest, LoglikelihoodRequest } from './request.js';
import type { RequestLog } from './request_log.js';

/** How requests are run. */
export interface RunOptions extends Work {
  /** Answers of earlier runs; gets those of this one. */
  readonly log?: RequestLog | undefined;
  /** What messages call a request; by default its index. */
  readonly nameOf?: ((index: number) => string) | undefined;
}

/**
 * The answers to requests, in their order. Those that fill the model's batches are under way together, equal ones
 * are asked once, and the answers of a log are not asked again. Progress counts requests. Throws `aborted`, and
 * what the model throws with the name of the request.
 */
export async function runRequests(
  model: AnyModel,
  requests: readonly EvaluationRequest[],
  { signal, onProgress, log, nameOf = (index) => `request ${index}` }: RunOptions = {},
): Promise<Answer[]> {
  const known = new Map<string, Answer>();
  const open = new Map<string, number>();
  const keys = requests.map((request) => JSON.stringify(request));
  for (const [index, key] of keys.entries()) {
    const logged = log?.find(key);
    if (logged !== undefined) known.set(key, logged);
    else if (!open.has(key)) open.set(key, index);
  }
  const total = requests.length;
  let left = open.size;
  const report = () => onProgress?.({ done: total - left, total });
  report();
  const run = async (index: number) => {
    try {
      return { index, answer: await answerRequest(model, requests[index]!, signal) };
    } catch (error) {
      throw withName(error, nameOf(index));
    }
  };
  const answers = eachText(open.values(), (index) => textOf(requests[index]!), signal, run);
  for await (const { index, answer } of answers) {
    known.set(keys[index]!, answer);
    await log?.add(keys[index]!, answer);
    left--;
    report();
  }
  throwIfAborted(signal, 'the evaluation');
  return keys.map((key) => known.get(key)!);
}

/** The log-probability of each continuation after its context, and whether it is the greedy one. */
export async function loglikelihoods(
  model: AnyModel,
  pairs: readonly Omit<LoglikelihoodRequest, 'type'>[],
  options?: RunOptions,
): Promise<{ readonly logprob: number; readonly isGreedy: boolean }[]> {
  const requests = pairs.map(({ context, continuation }) => ({
    type: 'loglikelihood' as const,
    context,
    continuation,
  }));
  const answers = await runRequests(model, requests, options);
  return answers.map(({ logprob, isGreedy }) => ({ logprob: logprob!, isGreedy: isGreedy! }));
}

/** The text that a request makes the model read, by which batches are filled. */
function textOf(request: EvaluationRequest): Prompt {
  if (request.type === 'generate_until') return request.context;
  if (request.type === 'loglikelihood_rolling') return request.text;
  const { context, continuation } = request;
  if (typeof context === 'string' && typeof continuation === 'string') return context + continuation;
  return new Array<number>(context.length + continuation.length);
}
