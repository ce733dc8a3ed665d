import type { MiddlewareHandler } from 'hono';
import { bodyTooLarge } from '../api_error.js';

/** Refuses bodies whose announced length is too long before they are sent; `readBody` counts the bytes of all. */
export function bodyLimit(most: number): MiddlewareHandler {
  return (context, next) => {
    if (Number(context.req.header('content-length') ?? 0) > most) throw bodyTooLarge(most);
    return next();
  };
}
