import { jsonProblem } from '../files/check_json.js';
import { ApiError } from './api_error.js';
import type { Exchange } from './exchange.js';
import type { Limits } from './handler_options.js';
import type { Family } from './metrics/exposition.js';
import type { RequestModels } from './models/served_models.js';
import { readBody } from './read_body.js';
import type { ServedUsers } from './users/served_users.js';

const utf8 = new TextDecoder();

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

/** The JSON of a request's body. Throws an ApiError that repeats nothing of it. */
export async function readJson(request: Request, exchange: Exchange, mostBytes: number): Promise<unknown> {
  const text = utf8.decode(await readBody(request, exchange, mostBytes));
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, `the body is ${jsonProblem(text)}`, { code: 'invalid_json' });
  }
}
