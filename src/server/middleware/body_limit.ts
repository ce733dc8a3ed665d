import type { MiddlewareHandler } from 'hono';
import { bodyLimit as limited } from 'hono/body-limit';
import { ApiError, incompleteBody } from '../api_error.js';

/** Refuses longer bodies, whether or not their length is announced, and those whose length is not and that end early. */
export function bodyLimit(maxSize: number): MiddlewareHandler {
  const limit = limited({
    maxSize,
    onError: () => {
      throw new ApiError(413, `the body has more than ${maxSize} bytes`, { code: 'body_too_large' });
    },
  });
  return async (context, next) => {
    let isRead = false;
    const read = () => {
      isRead = true;
      return next();
    };
    try {
      return await limit(context, read);
    } catch (error) {
      throw isRead || error instanceof ApiError ? error : incompleteBody(error);
    }
  };
}
