import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';

/**
 * Refuses requests of web pages, but for those of the listed origins. Otherwise any page that a person visits could use
 * a server on their machine: browsers send simple requests of foreign pages, and withhold only the answers.
 */
export function origins(allowed: readonly string[]): MiddlewareHandler {
  const answerPages = cors({ origin: [...allowed], exposeHeaders: ['retry-after'] });
  return async (context, next) => {
    const origin = context.req.header('origin');
    if (origin === undefined) return next();
    if (!allowed.includes(origin)) {
      throw new ApiError(403, `pages of ${show(origin)} may not use this server`, {
        code: 'forbidden_origin',
      });
    }
    return answerPages(context, next);
  };
}
