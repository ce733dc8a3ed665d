import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';
import type { PromptOptions } from './prompt.js';
import type { ChatRequest } from './request.js';

/** Variables of templates that come from other parameters. */
const OWN = ['messages', 'tools', 'add_generation_prompt', 'continue_final_message'];
const TIME = 'strftime_now';

/** How the chat of a request is written. `clock` gives the time if the request does not. Throws an ApiError. */
export function promptOptions(request: ChatRequest, clock: () => Date | undefined): PromptOptions {
  const { add_generation_prompt, continue_final_message, chat_template_kwargs, messages } = request;
  const { [TIME]: time, ...variables } = chat_template_kwargs ?? {};
  const own = Object.keys(variables).find((name) => OWN.includes(name));
  if (own !== undefined) {
    throw wrong(
      `chat_template_kwargs.${own}`,
      `chat_template_kwargs has ${own}, which is a parameter itself`,
    );
  }
  if (continue_final_message && add_generation_prompt) {
    const message =
      'add_generation_prompt begins an answer and continue_final_message goes on with the last message; give one of them';
    throw wrong('continue_final_message', message);
  }
  if (continue_final_message && (messages.at(-1)!.tool_calls ?? []).length > 0) {
    throw wrong(
      'continue_final_message',
      'the last message calls a function; only its text can be continued',
    );
  }
  const rest = add_generation_prompt === false ? 'none' : 'answer';
  return {
    ending: continue_final_message ? 'continue' : rest,
    variables,
    time: time === undefined ? clock() : timeOf(time),
  };
}

function timeOf(value: unknown): Date {
  const time = new Date(typeof value === 'string' ? value : Number.NaN);
  if (Number.isFinite(time.getTime())) return time;
  const param = `chat_template_kwargs.${TIME}`;
  throw wrong(param, `${param} is ${show(value)}; it must be a time such as "2026-01-31T12:00:00Z"`);
}

const wrong = (param: string, message: string): ApiError =>
  new ApiError(400, message, { param, code: 'invalid_value' });
