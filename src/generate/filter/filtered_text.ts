import type { Choice, Token } from '../completion.js';
import type { Rule } from './create_rules.js';
import type { Filtered } from './filter.js';
import { judge } from './judge.js';
import { sentenceEnd } from './sentences.js';

/** A token that waits for the verdict on its sentence. */
interface HeldToken {
  readonly token: Token;
  /** Where its text begins in the text that is held. */
  readonly start: number;
}

/** What happens after the sentences of a token were judged. */
export type Outcome = 'continue' | 'stop' | 'retry';

/**
 * The text of one choice, of which only judged sentences are given out. A token whose text ends one sentence and
 * begins the next one is given out with the first.
 */
export class FilteredText {
  readonly #index: number;
  readonly #rules: readonly Rule[];
  readonly #mayRetry: boolean;
  /** Text that was not judged yet; its beginning may be of the latest token that was given out. */
  #rest = '';
  #held: HeldToken[] = [];
  /** Judged text that no token has yet. */
  #unwritten = '';
  #text = '';
  /** How many tokens were given out. */
  #released = 0;
  /** How many of them, from the first one on, have written the text as it stands; undefined: all. */
  #faithful: number | undefined;
  readonly #filtered: Filtered[] = [];
  /** How many times the current sentence was sampled again. */
  #retries = 0;

  /** `mayRetry`: whether sampling again gives other tokens. */
  constructor(index: number, rules: readonly Rule[], mayRetry: boolean) {
    this.#index = index;
    this.#rules = rules;
    this.#mayRetry = mayRetry;
  }

  get released(): number {
    return this.#released;
  }

  /**
   * Adds a token, and gives those out whose sentences may stand to `release`. `isLast`: the text ends with it. After
   * `stop` and `retry` the tokens that were not given out are forgotten.
   */
  async add(token: Token, isLast: boolean, release: (tokens: Token[]) => void): Promise<Outcome> {
    this.#held.push({ token, start: this.#rest.length });
    this.#rest += token.text;
    const ready: Token[] = [];
    let outcome: Outcome = 'continue';
    for (let end = this.#end(isLast); end !== undefined && outcome === 'continue'; end = this.#end(isLast)) {
      outcome = await this.#judge(end, ready);
    }
    if (outcome === 'continue' && isLast) this.#give(this.#held.splice(0), ready, () => '');
    const last = ready.at(-1);
    if (last !== undefined) ready[ready.length - 1] = { ...last, text: last.text + this.#takeUnwritten() };
    release(ready);
    return outcome;
  }

  /** The choice as far as it was judged. */
  completed(choice: Choice): Choice {
    const { tokens, logprobs, finishReason, ...rest } = choice;
    return {
      ...rest,
      text: this.#text,
      tokens: tokens.slice(0, this.#released),
      finishReason,
      ...(logprobs && { logprobs: logprobs.slice(0, this.#released) }),
      filtered: this.#filtered.slice(),
    };
  }

  /** As `completed`, with only those tokens that have written its text. */
  faithful(choice: Choice): Choice {
    const completed = this.completed(choice);
    if (this.#faithful === undefined) return completed;
    return { ...completed, tokens: completed.tokens.slice(0, this.#faithful), finishReason: 'filter' };
  }

  /** Where the next sentence ends, if that is known. */
  #end(isLast: boolean): number | undefined {
    if (this.#rest === '') return undefined;
    return sentenceEnd(this.#rest) ?? (isLast ? this.#rest.length : undefined);
  }

  async #judge(end: number, ready: Token[]): Promise<Outcome> {
    const sentence = this.#rest.slice(0, end);
    const context = { text: this.#text, index: this.#index, retries: this.#retries };
    const { action, text, filtered, retries } = await judge(this.#rules, sentence, context);
    this.#filtered.push(...filtered);
    if (action === 'stop' || action === 'retry') return this.#takeBack(action === 'retry' ? retries : 0);
    this.#retries = 0;
    this.#text += text;
    this.#release(end, action === 'allow' ? undefined : text, ready);
    return 'continue';
  }

  /** Gives the tokens of the first `end` units out; `text` replaces their text. */
  #release(end: number, text: string | undefined, ready: Token[]): void {
    const carried = this.#held[0]?.start ?? this.#rest.length;
    if (text !== undefined) this.#faithful ??= this.#released - (carried > 0 ? 1 : 0);
    this.#unwritten += text ?? this.#rest.slice(0, Math.min(carried, end));
    const count = this.#held.findIndex(({ start }) => start >= end);
    const tokens = this.#held.splice(0, count === -1 ? this.#held.length : count);
    this.#give(tokens, ready, ({ token, start }) =>
      text === undefined ? token.text.slice(0, end - start) : '',
    );
    this.#rest = this.#rest.slice(end);
    this.#held = this.#held.map(({ token, start }) => ({ token, start: start - end }));
  }

  #give(tokens: readonly HeldToken[], ready: Token[], textOf: (held: HeldToken) => string): void {
    for (const held of tokens) {
      ready.push({ ...held.token, text: this.#takeUnwritten() + textOf(held) });
      this.#released++;
    }
  }

  #takeUnwritten(): string {
    const text = this.#unwritten;
    this.#unwritten = '';
    return text;
  }

  /** Forgets the tokens that were not given out, and returns whether others may come in their place. */
  #takeBack(retries: number): Outcome {
    const hasTokens = this.#held.length > 0;
    this.#rest = this.#rest.slice(0, this.#held[0]?.start);
    this.#held = [];
    if (!this.#mayRetry || !hasTokens || this.#retries >= retries) return 'stop';
    this.#retries++;
    return 'retry';
  }
}
