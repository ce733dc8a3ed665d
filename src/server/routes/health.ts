import type { Route } from '../route.js';

/** Says that the server answers; while it stops, the status is 503. */
export const health: Route = {
  method: 'GET',
  path: '/health',
  isPublic: true,
  answer: ({ health }) => Response.json({ status: 'ok', ...health() }),
};
