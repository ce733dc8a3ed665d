import { exp, LN2 } from '../../base/exact_math.js';
import type { Score } from '../../score/score.js';

/** Sums of scores over texts. */
export class ScoreTotal {
  texts = 0;
  /** Number of scored tokens. */
  tokens = 0;
  /** Bytes of the texts in UTF-8, if their first tokens are scored too. */
  bytes = 0;
  /** Sum of log-probabilities. */
  sum = 0;

  add({ logprobs, sum, bitsPerByte }: Score, text: string): void {
    this.texts++;
    this.tokens += logprobs.length;
    this.sum += sum;
    if (bitsPerByte !== undefined) this.bytes += new TextEncoder().encode(text).length;
  }

  get perplexity(): number {
    return exp(-this.sum / this.tokens);
  }

  get bitsPerByte(): number | undefined {
    return this.bytes > 0 ? -this.sum / LN2 / this.bytes : undefined;
  }

  toJson(): object {
    const { texts, tokens, bytes, sum, perplexity, bitsPerByte } = this;
    return { texts, tokens, bytes, sum, perplexity, bitsPerByte };
  }
}
