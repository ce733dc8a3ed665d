import type { ResolvedOptions } from './options.js';

/** Of the rolling hash: odd, so that no token is lost in its powers. */
const BASE = 0x9e3779b1;

/** A run of n - 1 tokens: where it was seen last, as the position after it, and the tokens that followed so far. */
interface Run {
  end: number;
  readonly followers: Set<number>;
}

/**
 * Which tokens would complete an n-gram that a sequence already holds. Its runs of n - 1 tokens are found by a hash that
 * rolls along, so that neither time nor memory of a token grows with n or with the text.
 */
class NgramIndex {
  /** n - 1. */
  readonly #length: number;
  readonly #tokens: number[] = [];
  readonly #runs = new Map<number, Run[]>();
  /** The latest run, if it was seen before. */
  #current: Run | undefined;
  /** Of the latest run, modulo 2^32: the sum of (token + 1) * BASE ** (tokens after it). */
  #hash = 0;
  /** BASE ** length, once there are so many tokens. */
  #power = 1;

  constructor(size: number) {
    this.#length = size - 1;
  }

  push(token: number): void {
    const tokens = this.#tokens;
    const run = this.#current;
    const before = run?.end;
    if (run !== undefined) {
      run.followers.add(token);
      run.end = tokens.length;
    } else if (tokens.length >= this.#length) {
      const others = this.#runs.get(this.#hash);
      const first = { end: tokens.length, followers: new Set([token]) };
      if (others === undefined) this.#runs.set(this.#hash, [first]);
      else others.push(first);
    }
    tokens.push(token);
    this.#roll(token);
    this.#current = this.#find(before);
  }

  /** Tokens that must not come next. */
  banned(): Iterable<number> {
    return this.#current?.followers ?? [];
  }

  #roll(token: number): void {
    const tokens = this.#tokens;
    this.#hash = (Math.imul(this.#hash, BASE) + token + 1) | 0;
    if (tokens.length <= this.#length) this.#power = Math.imul(this.#power, BASE);
    else {
      const oldest = tokens[tokens.length - 1 - this.#length]!;
      this.#hash = (this.#hash - Math.imul(this.#power, oldest + 1)) | 0;
    }
  }

  /** The latest run where it was seen; `before` is where the run of one token earlier was seen. */
  #find(before: number | undefined): Run | undefined {
    const tokens = this.#tokens;
    if (tokens.length < this.#length) return undefined;
    const isSame = ({ end }: Run) => {
      // In a repeated text one token decides: those before it are known to be the same.
      const unknown = end - 1 === before ? Math.min(1, this.#length) : this.#length;
      for (let i = 1; i <= unknown; i++) {
        if (tokens[end - i] !== tokens[tokens.length - i]) return false;
      }
      return true;
    };
    return this.#runs.get(this.#hash)?.find(isSame);
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
