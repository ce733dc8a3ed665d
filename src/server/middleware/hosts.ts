import type { MiddlewareHandler } from 'hono';
import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';
import { isDirectHost } from '../direct_host.js';

/** Refuses requests that are addressed to another name than the listed ones, an address or localhost. */
export function hosts(allowed: readonly string[]): MiddlewareHandler {
  return (context, next) => {
    const { hostname } = new URL(context.req.url);
    if (isDirectHost(hostname) || allowed.includes(hostname)) return next();
    const message = `this server is not reached by the name ${show(hostname)}; allow it with --allow-host or hosts`;
    throw new ApiError(421, message, { code: 'forbidden_host' });
  };
}
