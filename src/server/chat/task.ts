import type { GenerateOptions } from '../../generate/options.js';
import { answerHead } from '../answer_head.js';
import { ApiError } from '../api_error.js';
import { generationOptions } from '../completions/generation_options.js';
import { inputTokens } from '../inputs.js';
import type { Served } from '../models/served_models.js';
import type { Call } from '../route.js';
import { answerForm } from './form.js';
import { chatPrompts } from './prompt.js';
import { promptOptions } from './prompt_options.js';
import type { ChatRequest } from './request.js';
import { turnsOf } from './turns.js';

/** A checked request for the answer to a chat. */
export interface ChatTask {
  readonly served: Served;
  /** Token ids of the chat. */
  readonly prompt: readonly number[];
  /** Answers. */
  readonly n: number;
  readonly options: GenerateOptions;
  /** Whether log-probabilities are wanted. */
  readonly logprobs: boolean;
  /** The function that the answers call. */
  readonly tool: string | undefined;
  /** The parameter that errors are about which name none: of the form of the text. */
  readonly formatParam: string | undefined;
  /** Fields of the answer, or of each event of a stream. */
  readonly head: object;
}

/** Checks what a schema cannot. Throws an ApiError. */
export async function chatTask(
  request: ChatRequest,
  { models, limits, exchange, chatTime }: Pick<Call, 'models' | 'limits' | 'exchange' | 'chatTime'>,
): Promise<ChatTask> {
  checkParameters(request);
  const { form, tool } = answerForm(request);
  const turns = turnsOf(request.messages);
  const written = promptOptions(request, chatTime);
  const served = await models.get(request.model);
  const { contextLength } = served.model.config;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? contextLength;
  const n = request.n ?? 1;
  if (n * Math.min(maxTokens, contextLength) > limits.tokens) {
    const message = `${n} answers of ${maxTokens} tokens are more than ${limits.tokens} tokens; ask for fewer`;
    const param = request.max_completion_tokens ? 'max_completion_tokens' : 'max_tokens';
    throw new ApiError(400, message, { param, code: 'too_many_tokens' });
  }
  const logprobs = request.logprobs ?? false;
  const options = generationOptions({
    ...request,
    max_tokens: maxTokens,
    logprobs: logprobs ? (request.top_logprobs ?? 0) : undefined,
  });
  const prompts = chatPrompts(served.model.tokenizer);
  const chat = await prompts.promptOf(turns, request.tools ?? [], contextLength, written);
  if (chat === undefined) {
    throw new ApiError(400, `the messages have more tokens than the model's context of ${contextLength}`, {
      ...{ param: 'messages', code: 'context_length_exceeded' },
    });
  }
  const [prompt] = await inputTokens(chat.ids, 'messages', served, 1, contextLength);
  const { temperature, stop = [] } = options;
  const ends = form === undefined && chat.stop !== undefined ? [chat.stop] : [];
  return {
    ...{ served, prompt: prompt!, n, logprobs, tool, formatParam: form?.param },
    head: answerHead('chatcmpl', request.stream ? 'chat.completion.chunk' : 'chat.completion', served),
    options: {
      ...options,
      ...(form && { format: form.definition }),
      ...(ends.length > 0 && { stop: [...(typeof stop === 'string' ? [stop] : stop), ...ends] }),
      // Equal answers are generated once.
      n: temperature === 0 ? 1 : n,
      signal: exchange.signal,
    },
  };
}

function checkParameters(request: ChatRequest): void {
  const { stream, stream_options, logprobs, top_logprobs, max_tokens, max_completion_tokens } = request;
  const wrong = (param: string, message: string) =>
    new ApiError(400, message, { param, code: 'invalid_value' });
  if (stream_options && !stream) throw wrong('stream_options', 'stream_options needs stream');
  if (typeof top_logprobs === 'number' && !logprobs) {
    throw wrong('top_logprobs', 'top_logprobs needs logprobs');
  }
  if (max_tokens && max_completion_tokens && max_tokens !== max_completion_tokens) {
    throw wrong('max_tokens', 'max_tokens is the older name of max_completion_tokens; give one of them');
  }
}
