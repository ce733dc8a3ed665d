import { Gpt2Error } from '../base/errors.js';
import { now } from '../base/timers.js';
import type { LogitsRow } from '../core/types.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Beginning } from './begin.js';
import { ChoiceBuilder, type Sampled } from './choice_builder.js';
import type { Choice, Completion, Token } from './completion.js';
import type { FilterRun } from './filter/filter_run.js';
import type { HealedPrompt } from './healing.js';
import type { ResolvedOptions } from './resolved_options.js';
import type { Measures, SearchTask } from './search/search_task.js';
import type { GenerationSequence } from './sequence.js';
import type { SessionText } from './session_text.js';
import { shiftWindow } from './shift_window.js';
import { Track } from './track.js';

/** What options that are not plain do before the first token. */
export type Begin = (prompt: readonly number[]) => Promise<Beginning>;

/**
 * One call of `generate` or `stream`: a prompt and its `n` completions. A single one is evaluated on the
 * sequence itself, several on forks of it, all at the same time. Other generations may use the sequence
 * between two tokens. Each step therefore names all tokens before the next one, and those that are no longer
 * in the sequence are evaluated again.
 */
export class Generation {
  #sequence: GenerationSequence;
  readonly #tokenizer: Tokenizer;
  #prompt: readonly number[];
  #healed: HealedPrompt | undefined;
  readonly #options: ResolvedOptions;
  readonly #choices: ChoiceBuilder[];
  readonly #measures: Measures = { cachedPromptTokens: 0, promptMs: 0, decodeMs: 0, decodedTokens: 0 };
  #tracks: Track[] = [];
  #hasBegun = false;
  #filter: FilterRun | undefined;
  readonly #begin: Begin | undefined;

  /**
   * `prompt`: 1 or more token ids. Throws `context-full` if they do not fit and `contextFull` is not `shift`.
   */
  constructor(
    sequence: GenerationSequence,
    tokenizer: Tokenizer,
    prompt: readonly number[],
    options: ResolvedOptions,
    begin?: Begin,
  ) {
    const { contextLength } = sequence.core.config;
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
    this.#begin = begin;
    this.#choices = Array.from({ length: options.n }, (_, index) => this.#createChoice(index));
  }

  #createChoice(index: number): ChoiceBuilder {
    return new ChoiceBuilder(index, this.#options, this.#tokenizer, this.#sequence.core.config.eosTokenIds);
  }

  /**
   * Generates tokens when they are asked for, with speculation a few at a time; those of several choices take
   * turns, and are computed together. A search yields the tokens of several choices one choice after the other.
   */
  async *tokens(): AsyncGenerator<Token, void> {
    this.#hasBegun = true;
    const begun = await this.#begin?.(this.#prompt);
    if (begun) {
      ({
        sequence: this.#sequence,
        prompt: this.#prompt,
        healed: this.#healed,
        filter: this.#filter,
      } = begun);
    }
    try {
      yield* begun?.search?.(this.#searchTask(begun)) ?? this.#sample(begun);
    } finally {
      begun?.end?.();
    }
  }

  async *#sample(begun: Beginning | undefined): AsyncGenerator<Token, void> {
    if (begun) for (const choice of this.#choices) choice.begin(begun);
    const { signal } = this.#options;
    const drawn = await this.#evaluatePrompt();
    if (drawn === undefined) return;
    const isAlone = this.#choices.length === 1;
    const forks = isAlone ? [] : this.#choices.map(() => this.#sequence.fork());
    try {
      this.#tracks = this.#choices.map((choice, i) => {
        const sequence = forks[i] ?? this.#sequence;
        return new Track(
          choice,
          sequence,
          this.#prompt,
          this.#options,
          begun?.createSpeculator?.(i),
          drawn[i]!,
        );
      });
      for (let tracks = this.#tracks; ; ) {
        for (const track of tracks) {
          const token = track.take();
          if (this.#filter) yield* this.#filter.read(token, this.#choices, this.#tracks, begun!);
          else yield token;
        }
        tracks = this.#tracks.filter(({ choice }) => choice.finishReason === undefined);
        if (tracks.length === 0) return;
        const haveUnread = () => tracks.every(({ hasUnread }) => hasUnread);
        if (haveUnread()) this.#sequence.assertUsable();
        else await this.#drawAll(tracks);
        if (signal?.aborted || !haveUnread()) return;
      }
    } finally {
      for (const { speculator } of this.#tracks) speculator?.release();
      for (const fork of forks) fork.release();
    }
  }

  /** Removes from the sequence what was evaluated after the last token that was read. */
  rewindUnread(): void {
    if (this.#tracks.length === 1) this.#tracks[0]!.rewindUnread(this.#filter?.unreleased(this.#choices[0]!));
  }

  #searchTask(begun: Beginning): SearchTask {
    return {
      sequence: this.#sequence,
      tokenizer: this.#tokenizer,
      prompt: this.#prompt,
      options: this.#options,
      measures: this.#measures,
      unshown: begun.unshown,
      createProcessors: begun.createProcessors,
      begin: (index) => {
        this.#choices[index] ??= this.#createChoice(index);
        this.#choices[index].begin({ ...begun, createProcessors: () => [] });
        return this.#choices[index];
      },
    };
  }

  /** Replaces the text of a session by the prompt and, if there is only one, its completion, once it has begun. */
  continueIn(text: SessionText): void {
    if (!this.#hasBegun) return;
    const { n, returned } = this.#options;
    if (n > 1 || returned > 1) text.replace(this.#prompt);
    else text.complete(this.#prompt, this.#built(0, 'faithful'), this.#healed?.rest.length ?? 0);
  }

  /** A choice so far, as the filter leaves it. */
  #built(index: number, of: 'completed' | 'faithful'): Choice {
    const choice = this.#choices[index]!.build();
    return this.#filter?.[of](choice) ?? choice;
  }

  /** The result so far; choices that are not finished are `aborted`. */
  completion(): Completion {
    const choices = this.#choices.map((_, index) => this.#built(index, 'completed'));
    const { cachedPromptTokens, promptMs, decodeMs, decodedTokens } = this.#measures;
    const { index: _, ...first } = choices[0]!;
    const sum = (of: 'draftTokens' | 'acceptedDraftTokens') =>
      this.#tracks.reduce((total, { speculator }) => total + (speculator?.[of] ?? 0), 0);
    const perSecond = (count: number, ms: number) => (count > 0 && ms > 0 ? (1000 * count) / ms : 0);
    return {
      ...first,
      choices,
      usage: {
        promptTokens: this.#prompt.length,
        cachedPromptTokens,
        completionTokens: choices.reduce((sum, { tokens }) => sum + tokens.length, 0),
        draftTokens: sum('draftTokens'),
        acceptedDraftTokens: sum('acceptedDraftTokens'),
      },
      timings: {
        promptMs,
        decodeMs,
        promptTokensPerSecond: perSecond(this.#prompt.length - cachedPromptTokens, promptMs),
        tokensPerSecond: perSecond(decodedTokens, decodeMs),
      },
      seed: this.#options.seed,
    };
  }

  /** Evaluates the prompt and draws the first token of each choice; undefined if aborted. */
  async #evaluatePrompt(): Promise<Sampled[] | undefined> {
    const start = now();
    const { signal, priority } = this.#options;
    let drawn: Sampled[] | undefined;
    const read = (row: LogitsRow) => {
      const logits = this.#choices.length > 1 ? row.values.slice() : undefined;
      drawn = this.#choices.map((choice) => {
        if (logits && choice.index > 0) row.values.set(logits);
        return choice.sample(row);
      });
    };
    const evaluated = await this.#sequence.evaluate({ tokens: this.#prompt, read, signal, priority });
    this.#measures.cachedPromptTokens = evaluated?.cachedTokens ?? 0;
    this.#measures.promptMs = now() - start;
    return evaluated && drawn;
  }

  /** Draws the next tokens of the tracks, also of those that have unread ones, since all share a batch. */
  async #drawAll(tracks: readonly Track[]): Promise<void> {
    const start = now();
    const drawing = tracks.filter(({ canDraw }) => canDraw);
    const prepared = await Promise.all(drawing.map((track) => track.prepare()));
    const drawn = await Promise.all(drawing.filter((_, i) => prepared[i]).map((track) => track.draw()));
    this.#measures.decodeMs += now() - start;
    this.#measures.decodedTokens += drawn.reduce((sum, count) => sum + count, 0);
  }
}
