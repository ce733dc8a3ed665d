import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';
import type { ChatMessage } from './request.js';

/** A message as chat templates read it: the content is a text, the arguments of calls are objects. */
export interface Turn {
  readonly role: string;
  readonly content: string;
  readonly name?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly type: 'function';
    readonly function: { readonly name: string; readonly arguments: unknown };
  }[];
}

/** The messages of a request as chat templates read them. Throws an ApiError for one without content. */
export const turnsOf = (messages: readonly ChatMessage[]): Turn[] => messages.map(turnOf);

function turnOf(message: ChatMessage, index: number): Turn {
  const { role, refusal, name, tool_calls, tool_call_id } = message;
  // Clients send answers back as they came.
  const content = message.content ?? refusal;
  const calls = tool_calls ?? [];
  if ((content === undefined || content === null) && calls.length === 0) {
    const param = `messages[${index}].content`;
    throw new ApiError(400, `${param} is ${show(content)}; it must be a string`, {
      ...{ param, code: 'invalid_value' },
    });
  }
  return {
    // Templates know the older name.
    role: role === 'developer' ? 'system' : role,
    content: textOf(content),
    ...(typeof name === 'string' && { name }),
    ...(typeof tool_call_id === 'string' && { tool_call_id }),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        ...call,
        function: { name: call.function.name, arguments: parsed(call.function.arguments) },
      })),
    }),
  };
}

function textOf(content: ChatMessage['content']): string {
  if (Array.isArray(content)) return content.map((part) => part.text).join('\n');
  return content ?? '';
}

/** The value of a JSON text; the text itself if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
