import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { unixTime } from '../base/timers.js';
import { ApiError } from './api_error.js';
import type { AnswerDetails } from './exchange.js';
import { Exchanges } from './exchanges.js';
import {
  type AccessEntry,
  type Handler,
  type HandlerOptions,
  resolveGrace,
  resolveHandlerOptions,
} from './handler_options.js';
import type { Family } from './metrics/exposition.js';
import { Metrics } from './metrics/metrics.js';
import { answerHeaders } from './middleware/answer_headers.js';
import { apiKey } from './middleware/api_key.js';
import { bodyLimit } from './middleware/body_limit.js';
import type { Env } from './middleware/env.js';
import { hosts } from './middleware/hosts.js';
import { origins } from './middleware/origins.js';
import { ServedModels } from './models/served_models.js';
import { type Call, type Route, readJson, shownPath } from './route.js';
import { ROUTES } from './routes.js';

/**
 * An HTTP server's answers: OpenAI's API for the given models, as a function from `Request` to `Response`. Serve it by
 * `Deno.serve`, `Bun.serve`, a Durable Object's `fetch`, or in Node by the package @hono/node-server.
 *
 * Requests may come in any number; those of one model are evaluated together, and each is answered as it would be
 * alone. Throws `invalid-option`.
 */
export function createHandler(options: HandlerOptions): Handler {
  return createMember(options).handler;
}

/** How one of the processes that serve together knows of the others. */
export interface Group {
  /** The metrics of all, given those of this one. */
  metrics(own: readonly Family[]): Promise<readonly Family[]>;
  /** What `/health` says of them. */
  health(): object;
}

const ALONE: Group = { metrics: async (own) => own, health: () => ({}) };

/** A handler that is one of a group, and its own metrics. Throws as `createHandler` does. */
export function createMember(
  options: HandlerOptions,
  group = ALONE,
): { readonly handler: Handler; metrics(): Family[] } {
  const resolved = resolveHandlerOptions(options);
  const { limits, chatTime = () => undefined, onAnswer = () => {}, onError = () => {} } = resolved;
  const models = new ServedModels(resolved, onError);
  const metrics = new Metrics();
  const answered = (entry: AccessEntry, details: AnswerDetails) => {
    metrics.add(entry, details);
    try {
      onAnswer(entry);
    } catch (error) {
      // A log that cannot be written harms no answer.
      onError(error);
    }
  };
  const exchanges = new Exchanges(limits, answered, onError);
  const ownMetrics = () => metrics.families({ ...exchanges.counts, models: models.loaded });
  const server = {
    ...{
      limits,
      chatTime,
      users: resolved.users,
      started: Math.floor(unixTime() / 1000),
      health: group.health,
    },
    metrics: () => group.metrics(ownMetrics()),
  };
  const app = new Hono<Env>();
  addMiddleware(app, exchanges, resolved);
  addRoutes(app, ({ get, req }) => ({
    ...server,
    exchange: get('exchange'),
    models: models.of(get('exchange')),
    param: (name) => req.param(name) ?? req.query(name),
    body: async () => {
      const body = await readJson(req.raw, get('exchange'), limits.bodyBytes);
      if (resolved.logRequests) get('exchange').note({ request: body });
      return body;
    },
  }));

  const handler: Handler = {
    fetch: async (request) => app.fetch(request),
    load: () => models.load(),
    close: async (options = {}) => {
      await exchanges.close(resolveGrace(options));
      await models.dispose();
    },
  };
  return { handler, metrics: ownMetrics };
}

/** What holds for all requests. */
function addMiddleware(
  app: Hono<Env>,
  exchanges: Exchanges,
  { apiKey: key, limits, hosts: names, origins: allowed = [] }: ReturnType<typeof resolveHandlerOptions>,
): void {
  app.use(async (context, next) => {
    const exchange = exchanges.begin(context.req.raw);
    context.set('exchange', exchange);
    // Errors of routes are answered by `onError`, before this continues.
    await next();
    if (!(exchange.isStream && context.res.ok)) exchange.end(context.res.status);
  });
  app.onError((error, context) => context.get('exchange').failed(error).toResponse());
  app.use(answerHeaders);
  if (names !== undefined) app.use(hosts(names));
  app.use(origins(allowed));
  app.use((_, next) => {
    exchanges.checkOpen();
    return next();
  });
  const open = ROUTES.filter(({ isPublic }) => isPublic);
  if (key !== undefined) app.use(except(open, apiKey(key)));
  app.use(bodyLimit(limits.bodyBytes));
}

/** The routes, and what is answered elsewhere. */
function addRoutes(app: Hono<Env>, callFor: (context: Context<Env>) => Call): void {
  for (const route of ROUTES) {
    app.on(route.method, route.path, (context) => {
      context.get('exchange').route = shownPath(route);
      return route.answer(callFor(context));
    });
  }
  for (const { method, path } of ROUTES) {
    app.all(path, ({ req }) => {
      const message = `${req.method} is not allowed at ${req.path.slice(0, LONGEST_PATH)}; use ${method}`;
      throw new ApiError(405, message, { code: 'method_not_allowed', headers: { allow: method } });
    });
  }
  app.notFound(({ req: { method, path } }) => {
    const message = `there is no ${method} ${path.slice(0, LONGEST_PATH)}; the routes are ${ROUTE_LIST}`;
    return new ApiError(404, message, { code: 'unknown_url' }).toResponse();
  });
}

const ROUTE_LIST = ROUTES.map((route) => `${route.method} ${shownPath(route)}`).join(', ');
/** Characters of a path that a message repeats. */
const LONGEST_PATH = 100;

/** A middleware for all requests but those of some routes. */
function except(routes: readonly Route[], middleware: MiddlewareHandler): MiddlewareHandler {
  const paths = new Set(routes.map(({ path }) => path));
  return (context, next) => (paths.has(context.req.path) ? next() : middleware(context, next));
}
