import { asApiError } from '../api_error.js';
import { CHAT_SCHEMA } from '../chat/request.js';
import { streamedChat } from '../chat/stream.js';
import { chatTask } from '../chat/task.js';
import { wholeChat } from '../chat/whole.js';
import { eventStream } from '../event_stream.js';
import { parseRequest } from '../parse_request.js';
import type { Route } from '../route.js';

/** Answers chats. */
export const chatCompletions: Route = {
  method: 'POST',
  path: '/v1/chat/completions',
  async answer(call) {
    const { exchange } = call;
    const request = parseRequest(CHAT_SCHEMA, await call.body(), this.path);
    exchange.compute();
    const task = await chatTask(request, call);
    try {
      if (!request.stream) return Response.json(await wholeChat(task, exchange));
      const withUsage = request.stream_options?.include_usage ?? false;
      return await eventStream(exchange, streamedChat(task, withUsage, exchange));
    } catch (error) {
      throw asApiError(error, task.formatParam);
    }
  },
};
