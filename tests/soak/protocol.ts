import type { Reading } from './verdict/metrics.js';

export const PARTS = ['server', 'worker', 'page', 'trainer'] as const;
export type PartName = (typeof PARTS)[number];

/** A message to the process of a part. */
export interface PartOrder {
  readonly name: PartName;
  readonly seed: number;
  /** Share of one core that the part may take. */
  readonly cores: number;
  /** Time between two readings. */
  readonly roundMs: number;
}

/** A message of it. `acts`: how many of each were done so far. */
export type PartMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'reading'; readonly reading: Reading; readonly acts: Readonly<Record<string, number>> }
  | { readonly kind: 'wrong'; readonly message: string };

/** Tells it to finish its round and end. */
export const STOP = 'stop';
