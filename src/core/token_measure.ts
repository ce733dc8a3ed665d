/** How likely one token is to the model, given all tokens before it. */
export interface TokenMeasure {
  /** Natural logarithm of its probability. */
  readonly logprob: number;
  /** 1 for the likeliest token; of equally likely ones the lower id comes first. */
  readonly rank: number;
  /** Entropy of the distribution that the token was drawn from, in nats. */
  readonly entropy: number;
  /** Variance of ln p of a token drawn from that distribution, in square nats. */
  readonly variance: number;
}
