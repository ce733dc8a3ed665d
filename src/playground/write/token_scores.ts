import type { TopToken } from '../../generate/completion.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import type { TextRange, TextToken, TokenizedText } from '../document/tokenized_text.js';
import { nextScoringWindow, tokensIn, withLogprobs } from './scoring_window.js';
import type { TokenReader } from './token_reader.js';

/** Number of alternatives that are shown for a token. */
export const ALTERNATIVES = 8;

/** A model with what finds tokens by it. */
export interface ReadingModel {
  readonly model: WorkerModel;
  readonly reader: TokenReader;
}

/** The text whose tokens are scored. */
export interface ScoredText {
  content(): TokenizedText;
  /** The current model. */
  loaded(): ReadingModel | undefined;
  isGenerating(): boolean;
  /** Replaces the tokens of the text. */
  amend(content: TokenizedText): void;
}

/** Finds how likely the tokens of a text are, and what else could stand in their places. */
export class TokenScores {
  readonly #text: ScoredText;
  readonly #tops = new WeakMap<TextToken, readonly TopToken[]>();
  /** Number of the latest call of `annotate`, which ends the earlier ones: they are for another range. */
  #annotation = 0;

  constructor(text: ScoredText) {
    this.#text = text;
  }

  /**
   * Finds the tokens of the text and their log-probabilities: of all tokens if the text fits the context,
   * otherwise of those in the range `seen`.
   */
  async annotate(seen: TextRange): Promise<void> {
    const loaded = this.#text.loaded();
    if (loaded === undefined || this.#text.isGenerating() || this.#text.content().text === '') return;
    const { model, reader } = loaded;
    const { contextLength } = model.config;
    const annotation = ++this.#annotation;
    let content = this.#text.content();
    const isCurrent = () =>
      !this.#text.isGenerating() &&
      this.#text.loaded() === loaded &&
      this.#annotation === annotation &&
      this.#text.content() === content;
    const tokenized = await reader.tokenize(content);
    if (!isCurrent()) return;
    this.#text.amend(tokenized);
    for (;;) {
      content = this.#text.content();
      const { text, tokens } = content;
      const [first, last] = tokens.length <= contextLength ? [0, tokens.length] : tokensIn(tokens, seen);
      const window = nextScoringWindow(tokens, first, last, contextLength);
      if (window === undefined) return;
      const ids = tokens.slice(window.start, window.end).map(({ id }) => id);
      const { logprobs } = await model.score(ids, { start: false });
      if (!isCurrent()) return;
      this.#text.amend({ text, tokens: withLogprobs(tokens, window, logprobs) });
    }
  }

  /** The likeliest tokens at the place of a token, or the reason why there are none. */
  async top(index: number): Promise<readonly TopToken[] | string> {
    const model = this.#text.loaded()?.model;
    const { tokens } = this.#text.content();
    const token = tokens[index];
    if (model === undefined || token === undefined) return 'Load a model first.';
    const known = this.topOf(token);
    if (known !== undefined) return known;
    if (index === 0) return 'The first token has no alternatives: the model needs a token before it.';
    const ids = tokens.slice(0, index).map(({ id }) => id);
    const options = { maxTokens: 1, temperature: 0, logprobs: ALTERNATIVES, contextFull: 'shift' } as const;
    const { logprobs } = await model.generate(ids, options);
    const top = logprobs![0]!.top;
    this.#tops.set(token, top);
    return top;
  }

  /** The likeliest tokens at the place of a token, if they are known. */
  topOf(token: TextToken): readonly TopToken[] | undefined {
    return token.top ?? this.#tops.get(token);
  }
}
