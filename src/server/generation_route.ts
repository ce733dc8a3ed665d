import type * as v from 'valibot';
import { asApiError } from './api_error.js';
import { eventStream } from './event_stream.js';
import type { Exchange } from './exchange.js';
import { parseRequest, type RequestSchema } from './parse_request.js';
import type { Call, Route } from './route.js';

/** Fields that all requests for generated texts have. */
interface StreamFields {
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
}

/** How a route makes texts: request -> task -> answer, or the events of a stream. */
interface Generating<S extends RequestSchema, Task> {
  readonly path: string;
  readonly schema: S;
  /** Checks what a schema cannot. */
  task(request: v.InferOutput<S>, call: Call): Promise<Task>;
  whole(task: Task, exchange: Exchange): Promise<object>;
  streamed(task: Task, withUsage: boolean, exchange: Exchange): AsyncGenerator<object, void>;
}

/** A route that generates texts, as a whole or as a stream. */
export function generationRoute<
  S extends RequestSchema,
  Task extends { readonly formatParam: string | undefined },
>({ path, schema, task: taskOf, whole, streamed }: Generating<S, Task>): Route {
  return {
    method: 'POST',
    path,
    async answer(call) {
      const { exchange } = call;
      const request = parseRequest(schema, await call.body(), path);
      const { stream, stream_options } = request as StreamFields;
      exchange.compute();
      const task = await taskOf(request, call);
      try {
        if (!stream) return Response.json(await whole(task, exchange));
        return await eventStream(exchange, streamed(task, stream_options?.include_usage ?? false, exchange));
      } catch (error) {
        throw asApiError(error, task.formatParam);
      }
    },
  };
}
