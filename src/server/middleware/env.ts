import type { Exchange } from '../exchange.js';

/** What the middleware of a request knows. */
export interface Env {
  readonly Variables: { exchange: Exchange };
}
