import type { LogitsRow } from '../core/types.js';
import { Gpt2Error } from '../errors.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Sampled } from './choice.js';
import { ChoiceBuilder } from './choice.js';
import type { Completion, Token } from './completion.js';
import type { ResolvedOptions } from './options.js';
import type { Sequence } from './sequence.js';

/**
 * What is kept of tokens that are too many for the context: the first `keep`, and of the rest as many of the most
 * recent as fill half of the context that `keep` leaves.
 */
function shiftWindow(tokens: readonly number[], keep: number, contextLength: number): number[] {
  const recent = Math.max(1, Math.floor((contextLength - keep) / 2));
  return [...tokens.slice(0, keep), ...tokens.slice(tokens.length - recent)];
}

/** One call of `generate` or `stream`: a prompt and its `n` completions, evaluated on a session's sequence. */
export class Generation {
  readonly #sequence: Sequence;
  readonly #prompt: readonly number[];
  readonly #options: ResolvedOptions;
  readonly #choices: readonly ChoiceBuilder[];
  #cachedPromptTokens = 0;
  #promptMs = 0;
  #decodeMs = 0;
  #decodedTokens = 0;

  /** `prompt`: 1 or more token ids. Throws `context-full` when they do not fit and may not be cut. */
  constructor(sequence: Sequence, tokenizer: Tokenizer, prompt: readonly number[], options: ResolvedOptions) {
    const { contextLength, eosTokenIds } = sequence.core.config;
    if (prompt.length > contextLength && options.contextFull !== 'shift') {
      throw new Gpt2Error(
        'context-full',
        `the prompt has ${prompt.length} tokens and the model's context ${contextLength}; shorten it, or set contextFull to "shift"`,
      );
    }
    this.#sequence = sequence;
    this.#prompt = prompt.length > contextLength ? shiftWindow(prompt, options.keep, contextLength) : prompt;
    this.#options = options;
    this.#choices = Array.from(
      { length: options.n },
      (_, index) => new ChoiceBuilder(index, options, tokenizer, eosTokenIds, this.#prompt),
    );
  }

  /** Generates while it is iterated: one choice after the other. */
  async *tokens(): AsyncGenerator<Token, void> {
    const sequence = this.#sequence;
    const firsts = await this.#evaluatePrompt();
    if (!firsts) return;
    for (const choice of this.#choices) {
      if (choice.index > 0 && !(await this.#returnToPrompt())) return;
      let sampled: Sampled | undefined = firsts[choice.index];
      while (sampled) {
        yield choice.accept(sampled, sequence.full && this.#options.contextFull === 'stop');
        sampled = choice.finishReason === undefined ? await this.#next(choice, sampled.id) : undefined;
      }
      if (choice.finishReason === undefined) return;
    }
    if (this.#choices.length > 1) await this.#returnToPrompt();
  }

  /** The result so far; choices that did not come to their end are `aborted`. */
  completion(): Completion {
    const choices = this.#choices.map((choice) => choice.build());
    const { index: _, ...first } = choices[0]!;
    const perSecond = (count: number, ms: number) => (count > 0 && ms > 0 ? (1000 * count) / ms : 0);
    return {
      ...first,
      choices,
      usage: {
        promptTokens: this.#prompt.length,
        cachedPromptTokens: this.#cachedPromptTokens,
        completionTokens: choices.reduce((sum, { tokens }) => sum + tokens.length, 0),
      },
      timings: {
        promptMs: this.#promptMs,
        decodeMs: this.#decodeMs,
        promptTokensPerSecond: perSecond(this.#prompt.length - this.#cachedPromptTokens, this.#promptMs),
        tokensPerSecond: perSecond(this.#decodedTokens, this.#decodeMs),
      },
      seed: this.#options.seed,
    };
  }

  /** Evaluates the prompt once and draws the first token of every choice from its logits. */
  async #evaluatePrompt(): Promise<Sampled[] | undefined> {
    const start = performance.now();
    this.#cachedPromptTokens = Math.min(this.#sequence.commonPrefix(this.#prompt), this.#prompt.length - 1);
    const firsts = await this.#sequence.become(this.#prompt, this.#options.signal, (row) => {
      const logits = this.#choices.length > 1 ? row.values.slice() : undefined;
      return this.#choices.map((choice) => {
        if (logits) row.values.set(logits);
        return choice.sample(row);
      });
    });
    this.#promptMs = performance.now() - start;
    return firsts;
  }

  /** Rewinds to the prompt, which is evaluated again where a shift dropped it; false when aborted. */
  async #returnToPrompt(): Promise<boolean> {
    const sequence = this.#sequence;
    if (sequence.commonPrefix(this.#prompt) === this.#prompt.length) {
      sequence.rewind(this.#prompt.length);
      return true;
    }
    return (await sequence.become(this.#prompt, this.#options.signal, () => true)) ?? false;
  }

  /** Evaluates the token that was just accepted and draws the one after it; undefined when aborted. */
  async #next(choice: ChoiceBuilder, token: number): Promise<Sampled | undefined> {
    const start = performance.now();
    const { signal, contextFull, keep } = this.#options;
    const sequence = this.#sequence;
    const { contextLength } = sequence.core.config;
    const sample = (row: LogitsRow) => choice.sample(row);
    let sampled: Sampled | undefined;
    if (!sequence.full) sampled = await sequence.append([token], signal, sample);
    else if (contextFull === 'shift') {
      sampled = await sequence.become(
        shiftWindow([...sequence.tokens, token], keep, contextLength),
        signal,
        sample,
      );
    } else {
      throw new Gpt2Error(
        'context-full',
        `the model's context of ${contextLength} tokens is full after ${choice.tokenCount} generated ones; set contextFull to "stop" or "shift", or maxTokens lower`,
      );
    }
    if (sampled) this.#decodedTokens++;
    this.#decodeMs += performance.now() - start;
    return sampled;
  }
}
