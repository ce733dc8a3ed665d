import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api_error.js';

/** Lets requests pass that have the header `Authorization: Bearer KEY`. */
export function apiKey(key: string): MiddlewareHandler {
  return async (context, next) => {
    const [, given] = /^Bearer +(.*)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (given === undefined) {
      throw new ApiError(401, 'the request has no API key; send the header "Authorization: Bearer KEY"', {
        code: 'missing_api_key',
      });
    }
    if (!isSame(given, key)) throw new ApiError(401, 'the API key is wrong', { code: 'invalid_api_key' });
    await next();
  };
}

/** Compares two texts in a time that depends on the length of the first one alone. */
function isSame(given: string, secret: string): boolean {
  const utf8 = new TextEncoder();
  const [a, b] = [utf8.encode(given), utf8.encode(secret)];
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i % b.length]!;
  return difference === 0;
}
