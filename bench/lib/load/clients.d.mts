import type { LoadRequest } from './bodies.mjs';

/** A request, and the comparable part of its answer alone. */
export type GoodRequest = LoadRequest & { readonly alone: unknown };

export interface ClientContext {
  readonly url: string;
  readonly random: { next(): number };
  readonly good: readonly GoodRequest[];
  readonly bad: readonly object[];
  wrong(message: string): void;
}

export function clientAct(context: ClientContext): Promise<string>;
