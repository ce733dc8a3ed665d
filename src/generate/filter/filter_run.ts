import { threefry2x32 } from '../../base/random.js';
import type { LogitsRow } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { ChoiceBuilder, type ChoiceParts, type Sampled } from '../choice_builder.js';
import type { Choice, Token } from '../completion.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { Track } from '../track.js';
import type { Rule } from './create_rules.js';
import { FilteredText } from './filtered_text.js';

/** What a generation has begun with. */
type Begun = ChoiceParts & { readonly prompt: readonly number[] };

/** Filters the choices of one generation. */
export class FilterRun {
  readonly #options: ResolvedOptions;
  readonly #tokenizer: Tokenizer;
  readonly #texts: FilteredText[];
  /** By choice: how many sentences were sampled again. */
  readonly #retries: number[];

  constructor(rules: readonly Rule[], options: ResolvedOptions, tokenizer: Tokenizer) {
    this.#options = options;
    this.#tokenizer = tokenizer;
    const mayRetry = options.temperature > 0 && options.contextFull !== 'shift';
    this.#texts = Array.from({ length: options.n }, (_, index) => new FilteredText(index, rules, mayRetry));
    this.#retries = this.#texts.map(() => 0);
  }

  /**
   * Yields the tokens that become final with a token that a choice has taken. If a sentence is sampled again, the choice
   * and its track are replaced in `choices` and `tracks` by others that have begun with the same parts.
   */
  async *read(
    token: Token,
    choices: ChoiceBuilder[],
    tracks: Track[],
    begun: Begun,
  ): AsyncGenerator<Token, void> {
    const { index } = token;
    const choice = choices[index]!;
    let ready: readonly Token[] = [];
    try {
      const outcome = await this.#texts[index]!.add(token, choice.finishReason !== undefined, (tokens) => {
        ready = tokens;
      });
      if (outcome === 'stop') choice.finishReason = 'filter';
      if (outcome === 'retry') await this.#retry(index, choices, tracks, begun);
    } catch (error) {
      if (!this.#options.signal?.aborted) throw error;
      choice.finishReason = 'aborted';
    }
    yield* ready;
  }

  /** A choice as far as it was judged. */
  completed(choice: Choice): Choice {
    return this.#texts[choice.index]!.completed(choice);
  }

  /** As `completed`, with only those tokens that have written its text. */
  faithful(choice: Choice): Choice {
    return this.#texts[choice.index]!.faithful(choice);
  }

  /** How many tokens of a choice were not given out. */
  unreleased(choice: ChoiceBuilder): number {
    return choice.build().tokens.length - this.#texts[choice.index]!.released;
  }

  /** Replaces a choice by one with the tokens that were given out, and another token after them. */
  async #retry(index: number, choices: ChoiceBuilder[], tracks: Track[], begun: Begun): Promise<void> {
    const { sequence, speculator } = tracks[index]!;
    const { tokens, logprobs } = choices[index]!.build();
    const options = { ...this.#options, seed: this.#nextSeed(index) };
    const choice = new ChoiceBuilder(index, options, this.#tokenizer, sequence.core.config.eosTokenIds);
    choice.begin(begun);
    const kept = tokens.slice(0, this.#texts[index]!.released);
    for (const [i, id] of kept.entries()) choice.add(choice.accept({ id, logprob: logprobs?.[i] }));
    const text = [...begun.prompt, ...kept];
    let drawn: Sampled | undefined;
    const read = (row: LogitsRow) => {
      drawn = choice.sample(row);
    };
    const { signal, priority } = options;
    await sequence.evaluate({ tokens: text, read, signal, priority });
    choices[index] = choice;
    if (drawn === undefined) choice.finishReason = 'aborted';
    else tracks[index] = new Track(choice, sequence, text, options, speculator, drawn);
  }

  /** The seed of a choice's next retry: a random function of the generation's seed. */
  #nextSeed(index: number): number {
    const { seed } = this.#options;
    const [high, low] = threefry2x32(
      [seed >>> 0, Math.floor(seed / 2 ** 32)],
      [++this.#retries[index]!, ~index],
    );
    return (high >>> 11) * 2 ** 32 + low;
  }
}
