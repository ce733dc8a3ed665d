import type { GenerateOptions } from '../../generate/options.js';
import { type AnswerHead, answerHead } from '../answer_head.js';
import { ApiError } from '../api_error.js';
import { generationOptions } from '../completions/generation_options.js';
import type { Limits } from '../handler_options.js';
import { inputTokens } from '../inputs.js';
import type { Served } from '../models/served.js';
import type { Call } from '../route.js';
import { answerForm } from './form.js';
import { type ChatPrompt, chatPrompts, type PromptOptions } from './prompt.js';
import { promptOptions } from './prompt_options.js';
import type { ChatRequest, ChatTool } from './request.js';
import { type Turn, turnsOf } from './turns.js';

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
  readonly head: AnswerHead;
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
  const served = await models.get(request.model, request.user);
  const { contextLength } = served.model.config;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? contextLength;
  const n = request.n ?? 1;
  checkTokens(request, n * Math.min(maxTokens, contextLength), limits);
  const logprobs = request.logprobs ?? false;
  const options = generationOptions({
    ...request,
    max_tokens: maxTokens,
    logprobs: logprobs ? (request.top_logprobs ?? 0) : undefined,
  });
  const chat = await promptOf(served, turns, request.tools ?? [], written);
  const { temperature, stop = [] } = options;
  const ends = form === undefined && chat.stop !== undefined ? [chat.stop] : [];
  return {
    ...{ served, prompt: chat.ids, n, logprobs, tool, formatParam: form?.param },
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

/** The tokens of a chat that the model continues. Throws an ApiError if they do not fit its context. */
async function promptOf(
  served: Served,
  turns: readonly Turn[],
  tools: readonly ChatTool[],
  options: PromptOptions,
): Promise<ChatPrompt> {
  const { config, tokenizer } = served.model;
  const most = config.contextLength;
  const chat = await chatPrompts(tokenizer).promptOf(turns, tools, most, options);
  if (chat === undefined) {
    throw new ApiError(
      400,
      `the messages have more tokens than the model's context of ${most}; shorten them`,
      {
        ...{ param: 'messages', code: 'context_length_exceeded' },
      },
    );
  }
  const [ids] = await inputTokens(chat.ids, 'messages', served, 1, most);
  return { ...chat, ids: ids! };
}

/** `asked`: most tokens of all answers. */
function checkTokens({ max_completion_tokens }: ChatRequest, asked: number, { tokens: most }: Limits): void {
  if (asked <= most) return;
  const param = max_completion_tokens ? 'max_completion_tokens' : 'max_tokens';
  const message = `the answers may have ${asked} tokens, more than ${most}; lower ${param} or n`;
  throw new ApiError(400, message, { param, code: 'too_many_tokens' });
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
