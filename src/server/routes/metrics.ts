import { exposition } from '../metrics/exposition.js';
import type { Route } from '../route.js';

/** What the server has done and does, for Prometheus. */
export const metrics: Route = {
  method: 'GET',
  path: '/metrics',
  answer: async ({ metrics }) =>
    new Response(exposition(await metrics()), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    }),
};
