import { asApiError } from '../api_error.js';
import { COMPLETION_SCHEMA } from '../completions/request.js';
import { streamedAnswer } from '../completions/stream.js';
import { completionTask } from '../completions/task.js';
import { wholeAnswer } from '../completions/whole.js';
import { eventStream } from '../event_stream.js';
import { parseRequest } from '../parse_request.js';
import type { Route } from '../route.js';

/** Continues prompts. */
export const completions: Route = {
  method: 'POST',
  path: '/v1/completions',
  async answer(call) {
    const { exchange } = call;
    const request = parseRequest(COMPLETION_SCHEMA, await call.body(), this.path);
    exchange.compute();
    const task = await completionTask(request, call);
    try {
      if (!request.stream) return Response.json(await wholeAnswer(task, exchange));
      const withUsage = request.stream_options?.include_usage ?? false;
      return await eventStream(exchange, streamedAnswer(task, withUsage, exchange));
    } catch (error) {
      throw asApiError(error, task.formatParam);
    }
  },
};
