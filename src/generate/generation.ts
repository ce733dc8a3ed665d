import { Gpt2Error } from '../base/errors.js';
import { now } from '../base/timers.js';
import type { LogitsRow } from '../core/types.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { ChoiceBuilder, type Sampled } from './choice_builder.js';
import type { Completion, Token } from './completion.js';
import type { HealedPrompt } from './healing.js';
import { createProcessors } from './processors/create_processors.js';
import type { LogitsProcessor } from './processors/logits_processor.js';
import { startTokenOf } from './prompt.js';
import type { ResolvedOptions } from './resolve_options.js';
import type { Sequence } from './sequence.js';
import type { SessionText } from './session_text.js';

/**
 * The tokens that a shift keeps of too many for the context: the first `keep`, and the most recent ones,
 * which fill half of the remaining context.
 */
function shiftWindow(tokens: readonly number[], keep: number, contextLength: number): number[] {
  const recent = Math.max(1, Math.floor((contextLength - keep) / 2));
  return [...tokens.slice(0, keep), ...tokens.slice(tokens.length - recent)];
}

/**
 * One call of `generate` or `stream`: a prompt and its `n` completions, evaluated on a sequence. Other
 * generations may use the sequence between two tokens. Each step therefore names all tokens before the next
 * one, and those that are no longer in the sequence are evaluated again.
 */
export class Generation {
  readonly #sequence: Sequence;
  readonly #tokenizer: Tokenizer;
  #prompt: readonly number[];
  /** Bytes at the end of the given prompt that the completions write again. */
  #healedBytes = 0;
  readonly #options: ResolvedOptions;
  readonly #choices: readonly ChoiceBuilder[];
  /** The logits after the prompt [V], if several choices begin with them. */
  #promptLogits: Float32Array | undefined;
  #cachedPromptTokens = 0;
  #promptMs = 0;
  #decodeMs = 0;
  #decodedTokens = 0;

  /**
   * `prompt`: 1 or more token ids. Throws `context-full` if they do not fit and `contextFull` is not `shift`.
   */
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
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#choices = Array.from(
      { length: options.n },
      (_, index) => new ChoiceBuilder(index, options, tokenizer, eosTokenIds),
    );
  }

  /** Generates the tokens of one choice after the other, each when it is asked for. */
  async *tokens(): AsyncGenerator<Token, void> {
    const { contextLength } = this.#sequence.core.config;
    const healed = this.#options.heal ? await this.#heal() : undefined;
    for (const choice of this.#choices) {
      choice.begin(this.#createProcessors(healed), healed?.units ?? 0);
      const before = this.#prompt.slice();
      let sampled = choice.index === 0 ? await this.#evaluatePrompt(choice) : await this.#drawFirst(choice);
      while (sampled) {
        const full = before.length === contextLength;
        yield choice.accept(sampled, full && this.#options.contextFull === 'stop');
        sampled =
          choice.finishReason === undefined ? await this.#next(choice, before, sampled.id) : undefined;
      }
      if (choice.finishReason === undefined) return;
    }
    if (this.#choices.length > 1) await this.#returnToPrompt();
  }

  /** Replaces the text of a session by the prompt and, if there is only one, its completion. */
  continueIn(text: SessionText): void {
    if (this.#choices.length > 1) text.replace(this.#prompt);
    else text.complete(this.#prompt, this.#choices[0]!.build(), this.#healedBytes);
  }

  /** Removes the last piece of the prompt; each choice begins by writing it again. */
  async #heal(): Promise<HealedPrompt> {
    // Loaded on demand, so that pages that do not heal need not download it.
    const { healPrompt } = await import('./healing.js');
    const healed = healPrompt(this.#prompt, this.#tokenizer, startTokenOf(this.#sequence.core.config));
    this.#prompt = healed.ids;
    this.#healedBytes = healed.rest.length;
    return healed;
  }

  /** The logits processors of one choice, in their order. */
  #createProcessors(healed: HealedPrompt | undefined): LogitsProcessor[] {
    const processors = createProcessors(this.#options, this.#prompt);
    if (healed) processors.push(healed.createMask());
    return processors;
  }

  /** The result so far; choices that are not finished are `aborted`. */
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

  /** Evaluates the prompt and draws the first token of the first choice. */
  async #evaluatePrompt(choice: ChoiceBuilder): Promise<Sampled | undefined> {
    const start = now();
    this.#cachedPromptTokens = Math.min(this.#sequence.commonPrefix(this.#prompt), this.#prompt.length - 1);
    const sampled = await this.#sequence.become(this.#prompt, this.#options.signal, (row) => {
      if (this.#choices.length > 1) this.#promptLogits = row.values.slice();
      return choice.sample(row);
    });
    this.#promptMs = now() - start;
    return sampled;
  }

  /** Draws the first token of a later choice from the prompt's logits. */
  async #drawFirst(choice: ChoiceBuilder): Promise<Sampled | undefined> {
    const start = now();
    let sampled: Sampled | undefined;
    const draw = (row: LogitsRow) => {
      sampled = choice.sample(row);
    };
    await this.#sequence.core.present(this.#promptLogits!, draw, this.#options.signal);
    this.#decodeMs += now() - start;
    return sampled;
  }

  /** Rewinds the sequence to the prompt, which is evaluated again if a shift has removed it. */
  async #returnToPrompt(): Promise<void> {
    const sequence = this.#sequence;
    if (sequence.commonPrefix(this.#prompt) === this.#prompt.length) sequence.rewind(this.#prompt.length);
    else await sequence.become(this.#prompt, this.#options.signal, () => true);
  }

  /**
   * Appends the accepted token to `before`, shifts that if the context is full, and draws the next token;
   * undefined if aborted.
   */
  async #next(choice: ChoiceBuilder, before: number[], token: number): Promise<Sampled | undefined> {
    const start = now();
    const { signal, contextFull, keep } = this.#options;
    const { contextLength } = this.#sequence.core.config;
    before.push(token);
    if (before.length > contextLength) {
      if (contextFull !== 'shift') {
        throw new Gpt2Error(
          'context-full',
          `the model's context of ${contextLength} tokens is full after ${choice.tokenCount} generated ones; set contextFull to "stop" or "shift", or maxTokens lower`,
        );
      }
      before.splice(0, before.length, ...shiftWindow(before, keep, contextLength));
    }
    const sampled = await this.#sequence.become(before, signal, (row) => choice.sample(row));
    if (sampled) this.#decodedTokens++;
    this.#decodeMs += now() - start;
    return sampled;
  }
}
