import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api_error.js';

/** Lets requests pass that have the header `Authorization: Bearer KEY`. */
export function apiKey(key: string): MiddlewareHandler {
  return async (context, next) => {
    const [, given] = /^Bearer +(.*)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (given === undefined) {
      throw refused(
        'the request has no API key; send the header "Authorization: Bearer KEY"',
        'missing_api_key',
      );
    }
    if (!isSame(given, key)) throw refused('the API key is wrong', 'invalid_api_key');
    await next();
  };
}

const refused = (message: string, code: string) =>
  new ApiError(401, message, { code, headers: { 'www-authenticate': 'Bearer' } });

/** Compares two texts in a time that depends on the length of the first one alone. */
function isSame(given: string, secret: string): boolean {
  const utf8 = new TextEncoder();
  const [a, b] = [utf8.encode(given), utf8.encode(secret)];
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i % b.length]!;
  return difference === 0;
}
