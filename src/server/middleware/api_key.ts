import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api_error.js';

/** Lets requests pass that have the header `Authorization: Bearer KEY`. */
export function apiKey(key: string): MiddlewareHandler {
  const expected = digest(key);
  return async (context, next) => {
    const [, given] = /^Bearer +(.*)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (given === undefined) {
      throw refused(
        'the request has no API key; send the header "Authorization: Bearer KEY"',
        'missing_api_key',
      );
    }
    if (!isSame(await digest(given), await expected)) {
      throw refused('the API key is wrong', 'invalid_api_key');
    }
    await next();
  };
}

const refused = (message: string, code: string) =>
  new ApiError(401, message, { code, headers: { 'www-authenticate': 'Bearer' } });

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/**
 * Compares all bytes of two digests. The time of a comparison says nothing of the key: nobody can choose the digest of a
 * guess.
 */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.reduce((difference, byte, i) => difference | (byte ^ other[i]!), 0) === 0;
}
