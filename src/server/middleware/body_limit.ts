import type { MiddlewareHandler } from 'hono';
import { bodyLimit as limited } from 'hono/body-limit';
import { ApiError, incompleteBody } from '../api_error.js';
import type { Env } from './env.js';

/**
 * Refuses longer bodies, whether or not their length is announced. Those whose length is not are read here; their
 * requests end as others do when a body takes too long or ends early.
 */
export function bodyLimit(maxSize: number): MiddlewareHandler<Env> {
  const limit = limited({
    maxSize,
    onError: () => {
      throw new ApiError(413, `the body has more than ${maxSize} bytes`, { code: 'body_too_large' });
    },
  });
  return async (context, next) => {
    try {
      await context.get('exchange').awaited(limit(context, async () => {}));
    } catch (error) {
      throw error instanceof ApiError ? error : incompleteBody(error);
    }
    await next();
  };
}
