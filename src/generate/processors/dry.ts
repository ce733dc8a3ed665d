import { power } from '../../base/exact_math.js';
import type { CompletionProcessor } from './completion_processor.js';
import type { SequenceBreakers } from './sequence_breakers.js';
import { SuffixMatches } from './suffix_matches.js';

/** A larger penalty would make no difference, and could overflow. */
const MOST_PENALTY = 1e30;

/** The settings of `Dry`. */
export interface DryOptions {
  readonly multiplier: number;
  /** 1 or more. */
  readonly base: number;
  readonly allowedLength: number;
  /** How many of the last tokens are searched for repetitions; -1: all. */
  readonly lastN: number;
}

/**
 * DRY, "don't repeat yourself" (p-e-w 2024; as in llama.cpp): a token that would continue a repetition of
 * `length` tokens loses multiplier * base ** (length - allowedLength), if that many are repeated already. No
 * repetition begins before the last sequence breaker, and tokens that contain one are not penalised.
 */
export class Dry implements CompletionProcessor {
  readonly #options: DryOptions;
  readonly #breakers: SequenceBreakers;
  readonly #text: number[];
  readonly #matches: SuffixMatches;
  /** How many tokens follow the last breaker. */
  #unbroken = 0;

  constructor(options: DryOptions, breakers: SequenceBreakers, prompt: readonly number[]) {
    this.#options = options;
    this.#breakers = breakers;
    this.#text = prompt.slice();
    this.#matches = new SuffixMatches(prompt, prompt);
    for (const token of prompt) this.#count(token);
  }

  apply(logits: Float32Array): void {
    const { multiplier, base, allowedLength } = this.#options;
    for (const [token, length] of this.#repetitions()) {
      if (this.#breakers.isIn(token)) continue;
      logits[token]! -= Math.min(MOST_PENALTY, multiplier * power(base, length - allowedLength));
    }
  }

  push(token: number): void {
    this.#matches.push(this.#text, token);
    this.#text.push(token);
    this.#matches.lengths.push(this.#text.length);
    this.#count(token);
  }

  #count(token: number): void {
    this.#unbroken = this.#breakers.push(token) ? 0 : this.#unbroken + 1;
  }

  /** Tokens that would continue a repetition, and the length of the longest one so far. */
  #repetitions(): Map<number, number> {
    const { allowedLength, lastN } = this.#options;
    const text = this.#text;
    const longest = new Map<number, number>();
    const start = lastN === -1 ? 0 : Math.max(0, text.length - lastN);
    for (let position = start; position < text.length - 1; position++) {
      const length = Math.min(this.#matches.lengths[position]!, position - start + 1, this.#unbroken);
      const next = text[position + 1]!;
      if (length >= allowedLength && length > (longest.get(next) ?? -1)) longest.set(next, length);
    }
    return longest;
  }
}
