import type { GenerateOptions } from '../../generate/options.js';
import { answerHead } from '../answer_head.js';
import { ApiError } from '../api_error.js';
import { countOf, inputTokens } from '../inputs.js';
import type { Served } from '../models/served_models.js';
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
  const served = await models.get(request.model);
  const { contextLength } = served.model.config;
  const maxTokens = given.maxTokens!;
  // Nothing is computed after the last token of a prompt that is only scored.
  const longest = maxTokens === 0 ? contextLength + 1 : contextLength;
  const prompts = await inputTokens(request.prompt ?? '', 'prompt', served, limits.prompts, longest);
  const generated = prompts.length * bestOf * Math.min(maxTokens, contextLength);
  if (generated > limits.tokens) {
    const message = `${prompts.length} prompts with ${bestOf} completions of ${maxTokens} tokens are more than ${limits.tokens} tokens; ask for fewer at once`;
    throw new ApiError(400, message, { param: 'max_tokens', code: 'too_many_tokens' });
  }
  const copied = tellsPrompts(request) ? (n - 1) * countOf(prompts) : 0;
  if (copied > limits.tokens) {
    const message = `n is ${n}: the answer has ${copied} tokens of prompts that are told again with each completion, more than ${limits.tokens}; ask for fewer at once`;
    throw new ApiError(400, message, { param: 'n', code: 'too_many_tokens' });
  }
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

/** Whether each choice tells the tokens of its prompt. */
const tellsPrompts = ({ echo, prompt_logprobs }: CompletionRequest): boolean =>
  echo === true || typeof prompt_logprobs === 'number';

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
