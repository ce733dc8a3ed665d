import type { ResolvedOptions } from './options.js';

/**
 * Which tokens would complete an n-gram that a sequence already holds. Each token adds one entry, keyed by the
 * n - 1 tokens before it, and the ban of a step is one look-up: the cost of a step does not grow with the text.
 */
class NgramIndex {
  readonly #size: number;
  /** The latest n - 1 tokens, oldest first. */
  readonly #latest: number[] = [];
  readonly #followers = new Map<string, Set<number>>();

  constructor(size: number) {
    this.#size = size;
  }

  push(token: number): void {
    if (this.#latest.length === this.#size - 1) {
      const key = this.#latest.join();
      const followers = this.#followers.get(key);
      if (followers) followers.add(token);
      else this.#followers.set(key, new Set([token]));
    }
    this.#latest.push(token);
    if (this.#latest.length === this.#size) this.#latest.shift();
  }

  /** Tokens that must not come next. */
  banned(): Iterable<number> {
    return this.#followers.get(this.#latest.join()) ?? [];
  }
}

/**
 * The logits processors of one completion, in the order of Hugging Face's `generate`: logit bias, repetition
 * penalty, (here OpenAI's frequency and presence penalties,) no-repeat n-gram, bans.
 */
export class LogitsProcessors {
  readonly #options: ResolvedOptions;
  /** Different tokens of the prompt and the generated text. */
  readonly #seen: Set<number>;
  /** How often each token was generated. */
  readonly #counts = new Map<number, number>();
  readonly #ngrams: NgramIndex | undefined;

  constructor(options: ResolvedOptions, prompt: readonly number[]) {
    this.#options = options;
    this.#seen = new Set(prompt);
    if (options.noRepeatNgram > 0) {
      this.#ngrams = new NgramIndex(options.noRepeatNgram);
      for (const token of prompt) this.#ngrams.push(token);
    }
  }

  /** Changes the logits [V] of the next token in place. */
  apply(logits: Float32Array): void {
    const { logitBias, repetitionPenalty, frequencyPenalty, presencePenalty, bannedTokens } = this.#options;
    for (const [token, bias] of logitBias) logits[token]! += bias;
    if (repetitionPenalty !== 1) {
      for (const token of this.#seen) {
        const logit = logits[token]!;
        logits[token] = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
      }
    }
    if (frequencyPenalty !== 0 || presencePenalty !== 0) {
      for (const [token, count] of this.#counts) logits[token]! -= count * frequencyPenalty + presencePenalty;
    }
    if (this.#ngrams) for (const token of this.#ngrams.banned()) logits[token] = Number.NEGATIVE_INFINITY;
    for (const token of bannedTokens) logits[token] = Number.NEGATIVE_INFINITY;
  }

  /** Takes the token that was sampled. */
  push(token: number): void {
    this.#seen.add(token);
    this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
    this.#ngrams?.push(token);
  }
}
