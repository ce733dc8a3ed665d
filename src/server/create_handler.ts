import { Hono, type MiddlewareHandler } from 'hono';
import { unixTime } from '../base/timers.js';
import { ApiError, asApiError } from './api_error.js';
import type { AnswerDetails, Exchange } from './exchange.js';
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
import { apiKey } from './middleware/api_key.js';
import { bodyLimit } from './middleware/body_limit.js';
import type { Env } from './middleware/env.js';
import { origins } from './middleware/origins.js';
import { ServedModels } from './models/served_models.js';
import { type Route, readJson, shownPath } from './route.js';
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
  const {
    limits,
    chatTime = () => undefined,
    onAnswer = () => {},
    onError = () => {},
    ...rest
  } = resolveHandlerOptions(options);
  const models = new ServedModels(rest, onError);
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
  const started = Math.floor(unixTime() / 1000);
  const app = new Hono<Env>();
  const ownMetrics = () => metrics.families({ ...exchanges.counts, models: models.loaded });

  app.use(async (context, next) => {
    const exchange = exchanges.begin(context.req.raw);
    context.set('exchange', exchange);
    // Errors of routes are answered by `onError`, before this continues.
    await next();
    if (!(exchange.isStream && context.res.ok)) exchange.end(context.res.status);
  });
  app.use(origins(rest.origins ?? []));
  if (rest.apiKey !== undefined)
    app.use(
      except(
        ROUTES.filter(({ isPublic }) => isPublic),
        apiKey(rest.apiKey),
      ),
    );
  app.use(bodyLimit(limits.bodyBytes));

  for (const route of ROUTES) {
    app.on(route.method, route.path, (context) => {
      context.get('exchange').route = shownPath(route);
      return route.answer({
        ...{ limits, started, chatTime },
        exchange: context.get('exchange'),
        models: models.of(context.get('exchange')),
        param: (name) => context.req.param(name) ?? context.req.query(name),
        body: () => readJson(context.req, context.get('exchange')),
        metrics: () => group.metrics(ownMetrics()),
        health: group.health,
      });
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
  app.onError((error, context) => {
    const exchange: Exchange | undefined = context.get('exchange');
    return (exchange?.failed(error) ?? asApiError(error)).toResponse();
  });

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

const ROUTE_LIST = ROUTES.map((route) => `${route.method} ${shownPath(route)}`).join(', ');
/** Characters of a path that a message repeats. */
const LONGEST_PATH = 100;

/** A middleware for all requests but those of some routes. */
function except(routes: readonly Route[], middleware: MiddlewareHandler): MiddlewareHandler {
  const paths = new Set(routes.map(({ path }) => path));
  return (context, next) => (paths.has(context.req.path) ? next() : middleware(context, next));
}
