import { ApiError, incompleteBody } from './api_error.js';
import type { Exchange } from './exchange.js';
import type { Limits } from './handler_options.js';
import type { Family } from './metrics/exposition.js';
import type { RequestModels } from './models/served_models.js';
import type { ServedUsers } from './users/served_users.js';

/** A request, with all that a route needs to answer it. */
export interface Call {
  readonly models: RequestModels;
  readonly users: ServedUsers | undefined;
  readonly limits: Limits;
  readonly exchange: Exchange;
  /** Unix time, in seconds, at which the server started. */
  readonly started: number;
  /** The time that chat templates write; undefined: a fixed one. */
  chatTime(): Date | undefined;
  /** What the server has done and does, with all its processes. */
  metrics(): Promise<readonly Family[]>;
  /** What `/health` says beside the status. */
  health(): object;
  /** A part of the path that the route names `:name`, or a value of the query. */
  param(name: string): string | undefined;
  /** The request's body. Throws an ApiError if it is no JSON. */
  body(): Promise<unknown>;
}

/** What is answered at a path. Errors that are thrown become answers. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** In hono's form. */
  readonly path: string;
  /** Whether it needs no key. */
  readonly isPublic?: true;
  answer(call: Call): Promise<Response> | Response;
}

/** A route's path for people: `/v1/models/:model`. */
export const shownPath = ({ path }: Route): string => path.replace(/\{.*\}/, '');

/** The JSON of a request's body, which the exchange waits for. */
export async function readJson(
  request: { text(): Promise<string> },
  exchange: Pick<Exchange, 'awaited'>,
): Promise<unknown> {
  const read = request.text().catch((cause) => {
    throw incompleteBody(cause);
  });
  const text = await exchange.awaited(read);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(400, `the body is no JSON: ${why}`, { code: 'invalid_json', cause });
  }
}
