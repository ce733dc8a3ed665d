import type { Family } from '../../../server/metrics/exposition.js';

/** What a worker sends to the primary. A call is a number that its answer repeats. */
export type ToPrimary =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'metricsWanted'; readonly call: number }
  | { readonly kind: 'metrics'; readonly call: number; readonly families: readonly Family[] };

/** What the primary sends to a worker. */
export type ToWorker =
  | { readonly kind: 'stop' }
  | { readonly kind: 'count'; readonly count: WorkerCount }
  | { readonly kind: 'metricsWanted'; readonly call: number }
  | { readonly kind: 'allMetrics'; readonly call: number; readonly families: readonly Family[] };

export interface WorkerCount {
  /** Workers that take requests. */
  readonly ready: number;
  readonly total: number;
}

/** Environment variable of workers: the port that the first of them has opened, or that the user wants. */
export const WORKER_PORT = 'GPT2_WASM_WORKER_PORT';
