import type { GenerateOptions } from '../../generate/options.js';
import { answerHead } from '../answer_head.js';
import { ApiError } from '../api_error.js';
import type { Limits } from '../handler_options.js';
import { checkListed, countOf, inputTokens } from '../inputs.js';
import type { Served } from '../models/served.js';
import type { Call } from '../route.js';
import { formatOf, generationOptions } from './generation_options.js';
import type { CompletionRequest } from './request.js';

/** A checked request for completions. */
export interface CompletionTask {
  readonly served: Served;
  /** Token ids of each prompt. */
  readonly prompts: readonly (readonly number[])[];
  /** Choices of each prompt. */
  readonly n: number;
  /** Candidates of which the `n` likeliest become choices. */
  readonly bestOf: number;
  /** Options of the generation of one prompt; undefined if no token is wanted. */
  readonly options: GenerateOptions | undefined;
  /** Begin each text with its prompt. */
  readonly echo: boolean;
  /** Likeliest tokens to list at each place; undefined: no log-probabilities. */
  readonly logprobs: number | undefined;
  readonly promptLogprobs: number | undefined;
  /** The parameter that errors are about which name none: of the form of the text. */
  readonly formatParam: string | undefined;
  /** Fields of the answer, or of each event of a stream. */
  readonly head: object;
}

/** Checks what a schema cannot. Throws an ApiError. */
export async function completionTask(
  request: CompletionRequest,
  { models, limits, exchange }: Pick<Call, 'models' | 'limits' | 'exchange'>,
): Promise<CompletionTask> {
  if (request.suffix) {
    const message = 'suffix is not supported: the model only continues texts; leave it out';
    throw new ApiError(400, message, { param: 'suffix', code: 'unsupported_parameter' });
  }
  const n = request.n ?? 1;
  const bestOf = request.best_of ?? n;
  checkCounts(request, n, bestOf);
  const form = formatOf(request);
  const given = { ...generationOptions(request), ...(form && { format: form.definition }) };
  const served = await models.get(request.model, request.user);
  const { contextLength } = served.model.config;
  const maxTokens = given.maxTokens!;
  // Nothing is computed after the last token of a prompt that is only scored.
  const longest = maxTokens === 0 ? contextLength + 1 : contextLength;
  const prompts = await inputTokens(request.prompt ?? '', 'prompt', served, limits.prompts, longest);
  checkSizes(request, n, bestOf * Math.min(maxTokens, contextLength), prompts, limits);
  const logprobs = request.logprobs ?? undefined;
  // Candidates are compared by log-probabilities; greedy ones are all equal.
  const reported = bestOf > n && !isGreedy(given) ? (logprobs ?? 0) : logprobs;
  const head = answerHead('cmpl', 'text_completion', served);
  return {
    ...{ served, prompts, n, bestOf, logprobs, head, echo: request.echo ?? false },
    promptLogprobs: request.prompt_logprobs ?? undefined,
    formatParam: form?.param,
    options:
      maxTokens === 0
        ? undefined
        : {
            ...given,
            n: isGreedy(given) ? 1 : bestOf,
            ...(reported !== undefined && { logprobs: reported }),
            signal: exchange.signal,
          },
  };
}

/**
 * Throws an ApiError if an answer would take too much work or memory. `generated`: most tokens that are generated for a
 * prompt.
 */
function checkSizes(
  { echo, logprobs, prompt_logprobs }: CompletionRequest,
  n: number,
  generated: number,
  prompts: readonly (readonly number[])[],
  { tokens: most }: Limits,
): void {
  const tooMany = (param: string, message: string) =>
    new ApiError(400, message, { param, code: 'too_many_tokens' });
  const asked = prompts.length * generated;
  if (asked > most) {
    const message = `the completions may have ${asked} tokens, more than ${most}; lower max_tokens or ask for fewer at once`;
    throw tooMany('max_tokens', message);
  }
  const promptTokens = n * countOf(prompts);
  const copied = echo || typeof prompt_logprobs === 'number' ? promptTokens - promptTokens / n : 0;
  if (copied > most) {
    const message = `n is ${n}: ${copied} tokens of prompts would be told again with further completions, more than ${most}; ask for fewer at once`;
    throw tooMany('n', message);
  }
  const listed = (count: number | null | undefined, tokens: number) =>
    typeof count === 'number' ? tokens * (1 + count) : 0;
  checkListed(listed(logprobs, asked + (echo ? promptTokens : 0)), 'logprobs');
  checkListed(listed(prompt_logprobs, promptTokens), 'prompt_logprobs');
}

/** Whether all completions of a prompt are equal, so that one is computed. */
const isGreedy = ({ temperature }: GenerateOptions): boolean => temperature === 0;

function checkCounts(
  { stream, stream_options, best_of }: CompletionRequest,
  n: number,
  bestOf: number,
): void {
  const wrong = (param: string, message: string) =>
    new ApiError(400, message, { param, code: 'invalid_value' });
  if (bestOf < n) throw wrong('best_of', `best_of is ${best_of}; it must be at least n, which is ${n}`);
  if (stream && bestOf > n) {
    throw wrong(
      'best_of',
      `best_of is ${best_of} and n ${n}: candidates are compared at their end, which a stream cannot wait for`,
    );
  }
  if (stream_options && !stream) throw wrong('stream_options', 'stream_options needs stream');
}
