import type { InsideToken } from '../results.js';

/** How a gradient becomes a number for each token. */
export type SaliencyMethod = 'gradientTimesInput' | 'gradientNorm';

/** How much each token matters for one that follows. */
export interface Saliency {
  /** The tokens up to the position. */
  readonly tokens: readonly InsideToken[];
  /** The position whose next token is predicted. */
  readonly position: number;
  /** The token whose log-probability is explained. */
  readonly token: InsideToken;
  /** The token whose log-probability is subtracted, if there is one. */
  readonly against: InsideToken | undefined;
  /** ln p of the token, or the difference of the two, which is that of the logits. */
  readonly logprob: number;
  /** How the gradient became a number for each token. */
  readonly method: SaliencyMethod;
  /** By token. */
  readonly scores: readonly number[];
}
