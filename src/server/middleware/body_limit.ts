import type { MiddlewareHandler } from 'hono';
import { bodyLimit as limited } from 'hono/body-limit';
import { ApiError } from '../api_error.js';

/** Refuses longer bodies, whether or not their length is announced. */
export function bodyLimit(maxSize: number): MiddlewareHandler {
  return limited({
    maxSize,
    onError: () => {
      throw new ApiError(413, `the body has more than ${maxSize} bytes`, { code: 'body_too_large' });
    },
  });
}
