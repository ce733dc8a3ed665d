import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';

/** Values of `Sec-Fetch-Site` that pages of another origin have. */
const OTHER_SITES = ['cross-site', 'same-site'];

const FORBIDDEN = { code: 'forbidden_origin' };

/**
 * Refuses requests of web pages, but for those of the listed origins. Otherwise any page that a person visits could use
 * a server on their machine: browsers send simple requests of foreign pages, and withhold only the answers.
 */
export function origins(allowed: readonly string[]): MiddlewareHandler {
  const answerPages = cors({ origin: [...allowed], exposeHeaders: ['retry-after'] });
  return async (context, next) => {
    const origin = context.req.header('origin');
    if (origin === undefined) {
      // Images and frames have no origin, but browsers say of which site their page is.
      if (!OTHER_SITES.includes(context.req.header('sec-fetch-site') ?? '')) return next();
      throw new ApiError(403, 'pages of other sites may not use this server; type its address', FORBIDDEN);
    }
    if (!allowed.includes(origin)) {
      throw new ApiError(403, `pages of ${show(origin)} may not use this server`, FORBIDDEN);
    }
    return answerPages(context, next);
  };
}
