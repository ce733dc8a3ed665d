import type { Completion, TopToken } from '../../generate/completion.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import type { WorkerSession } from '../../worker/worker_session.js';
import type { GeneratedSpan } from '../document/generated_spans.js';
import { TextDocument } from '../document/text_document.js';
import {
  completeTokens,
  headOf,
  type TextRange,
  type TextToken,
  type TokenizedText,
  textOf,
  withLineFeeds,
} from '../document/tokenized_text.js';
import { readAhead } from './read_ahead.js';
import { nextScoringWindow, tokensIn, withLogprobs } from './scoring_window.js';
import { TokenReader } from './token_reader.js';

/** Number of alternatives that are shown for a token. */
const ALTERNATIVES = 8;
/** Number of tokens that are requested before the page has shown those before them. */
const TOKENS_AHEAD = 32;

export interface WriterEvents {
  /** The text or its tokens have changed. */
  onText(): void;
  /** A generation has started or ended. */
  onGenerating(): void;
}

/** A model with what is computed with it. */
interface Loaded {
  readonly model: WorkerModel;
  readonly session: WorkerSession;
  readonly reader: TokenReader;
}

/** Changes the document: as the user types, and by generations of the model. */
export class Writer {
  readonly #events: WriterEvents;
  readonly #document = new TextDocument();
  readonly #tops = new WeakMap<TextToken, readonly TopToken[]>();
  /** Text during a generation, and the offset where it continues. */
  #live: { readonly content: TokenizedText; readonly end: number } | undefined;
  #loaded: Loaded | undefined;
  #controller: AbortController | undefined;
  /** Number of the latest call of `annotate`, which ends the earlier ones: they are for another range. */
  #annotation = 0;

  constructor(events: WriterEvents) {
    this.#events = events;
  }

  /** The text with its tokens; during a generation that generated so far. */
  get content(): TokenizedText {
    return this.#live?.content ?? this.#document.content;
  }

  get model(): WorkerModel | undefined {
    return this.#loaded?.model;
  }

  /**
   * Sets the model, or none. The text and its versions stay without tokens. The caller disposes the previous
   * model.
   */
  setModel(model: WorkerModel | undefined): void {
    this.stop();
    this.#loaded?.session.dispose();
    this.#loaded = model && { model, session: model.session(), reader: new TokenReader(model) };
    this.#document.forgetTokens();
    if (this.#live !== undefined) {
      this.#live = { ...this.#live, content: { text: this.#live.content.text, tokens: [] } };
    }
    this.#events.onText();
  }

  get isGenerating(): boolean {
    return this.#controller !== undefined;
  }

  get canUndo(): boolean {
    return !this.isGenerating && this.#document.canUndo;
  }

  get canRedo(): boolean {
    return !this.isGenerating && this.#document.canRedo;
  }

  /** Span of the latest generation, if its text is unchanged. */
  get latest(): GeneratedSpan | undefined {
    return this.#document.latest;
  }

  /** Offset after the text that the current generation has written. */
  get end(): number | undefined {
    return this.#live?.end;
  }

  /** Replaces the text, as the user changed it. With `inPlace` this is one step with the previous change. */
  edit(text: string, inPlace = false): void {
    if (text === this.#document.content.text) return;
    this.#document.edit(text, inPlace);
    this.#events.onText();
  }

  stop(): void {
    this.#controller?.abort();
  }

  /** Undoes or redoes a step. Gives the offset after the text that has changed. */
  step(direction: 'undo' | 'redo'): number {
    const caret = this.#document.step(direction);
    this.#events.onText();
    return caret;
  }

  /** Generates text that replaces a range. Throws what `stream` throws; the text that was generated stays. */
  generate({ from, to }: TextRange, options: GenerateOptions): Promise<Completion> {
    const { latest } = this;
    // The user continues after an end of text, so the model must not end the text there again.
    const hasEnded = latest?.hasEnded && latest.to === from;
    const bannedTokens = hasEnded ? this.model!.config.eosTokenIds : [];
    const heal = this.#document.isTyped(from);
    return this.#run(headOf(this.content, from), to, { ...options, bannedTokens, heal });
  }

  /** Replaces the text of the latest generation. */
  regenerate(options: GenerateOptions): Promise<Completion> {
    const { from, to } = this.latest!;
    return this.#run(headOf(this.content, from), to, { ...options, heal: this.#document.isTyped(from) });
  }

  /** The text that is replaced if another token takes the place of one. */
  replaced(index: number): TextRange {
    return this.#document.replaced(index);
  }

  /** Whether another token replaces one without a generation, because typed text follows. */
  isAmidText(index: number): boolean {
    return this.#document.isAmidText(index);
  }

  /**
   * Replaces a token by another one and continues from there, in place of generated text that follows. Typed
   * text stays: if it follows directly, only the token is replaced, and nothing is generated.
   */
  replace(
    index: number,
    { id, text, logprob }: TopToken,
    options: GenerateOptions,
  ): Promise<Completion> | undefined {
    const { text: before, tokens } = this.content;
    const { from, to } = this.replaced(index);
    const shown = withLineFeeds(text);
    if (this.isAmidText(index)) {
      this.edit(before.slice(0, from) + shown + before.slice(to));
      return undefined;
    }
    const token = { id, text: shown, logprob, top: this.#topOf(tokens[index]!) };
    const kept = tokens.slice(0, index);
    return this.#run({ text: textOf(kept) + shown, tokens: [...kept, token] }, to, options);
  }

  /**
   * Finds the tokens of the text and their log-probabilities: of all tokens if the text fits the context,
   * otherwise of those in the range `seen`.
   */
  async annotate(seen: TextRange): Promise<void> {
    const loaded = this.#loaded;
    if (loaded === undefined || this.isGenerating || this.content.text === '') return;
    const { model, reader } = loaded;
    const { contextLength } = model.config;
    const annotation = ++this.#annotation;
    const isCurrent = () => !this.isGenerating && this.#loaded === loaded && this.#annotation === annotation;
    let { content } = this;
    const tokenized = await reader.tokenize(content);
    if (!isCurrent() || this.content !== content) return;
    this.#amend(tokenized);
    for (;;) {
      content = this.content;
      const { text, tokens } = content;
      const [first, last] = tokens.length <= contextLength ? [0, tokens.length] : tokensIn(tokens, seen);
      const window = nextScoringWindow(tokens, first, last, contextLength);
      if (window === undefined) return;
      const ids = tokens.slice(window.start, window.end).map(({ id }) => id);
      const { logprobs } = await model.score(ids, { start: false });
      if (!isCurrent() || this.content !== content) return;
      this.#amend({ text, tokens: withLogprobs(tokens, window, logprobs) });
    }
  }

  /** The likeliest tokens at the place of a token, or the reason why there are none. */
  async top(index: number): Promise<readonly TopToken[] | string> {
    const { model } = this;
    const token = this.content.tokens[index];
    if (model === undefined || token === undefined) return 'Load a model first.';
    const known = this.#topOf(token);
    if (known !== undefined) return known;
    if (index === 0) return 'The first token has no alternatives: the model needs a token before it.';
    const ids = this.content.tokens.slice(0, index).map(({ id }) => id);
    const options = { maxTokens: 1, temperature: 0, logprobs: ALTERNATIVES, contextFull: 'shift' } as const;
    const { logprobs } = await model.generate(ids, options);
    const top = logprobs![0]!.top;
    this.#tops.set(token, top);
    return top;
  }

  /** Whether a token can take the place of one: it has whole characters, and so do the tokens before it. */
  canStand(index: number, { id, text }: TopToken): boolean {
    const isEnd = this.model?.config.eosTokenIds.includes(id);
    return (
      !this.isGenerating && !isEnd && !text.includes('\uFFFD') && this.content.tokens[index - 1]?.text !== ''
    );
  }

  #topOf(token: TextToken): readonly TopToken[] | undefined {
    return token.top ?? this.#tops.get(token);
  }

  #amend(content: TokenizedText): void {
    this.#document.amend(content);
    this.#events.onText();
  }

  #show(content: TokenizedText, end: number): void {
    this.#live = { content, end };
    this.#events.onText();
  }

  /** Generates text after `head`. The current text from offset `to` on follows it. */
  async #run(head: TokenizedText, to: number, options: GenerateOptions): Promise<Completion> {
    const loaded = this.#loaded!;
    const { session, reader } = loaded;
    const { text: before } = this.content;
    const tail = before.slice(to);
    const from = head.text.length;
    const controller = new AbortController();
    this.#controller = controller;
    this.#show({ text: head.text + tail, tokens: head.tokens }, from);
    this.#events.onGenerating();
    let { text } = head;
    let completion: Completion | undefined;
    try {
      const prompt = await reader.tokenize(head);
      const tokens = [...prompt.tokens];
      const ids = tokens.map(({ id }) => id);
      const { signal } = controller;
      const stream = session.stream(ids, { ...options, logprobs: ALTERNATIVES, signal });
      for await (const { id, text: own, logprob, top } of readAhead(stream, TOKENS_AHEAD)) {
        if (this.#loaded !== loaded) break;
        const shown = withLineFeeds(own);
        text += shown;
        tokens.push({ id, text: shown, logprob, top });
        this.#show({ text: text + tail, tokens: completeTokens(tokens) }, text.length);
      }
      completion = await stream.completion;
      if (options.heal && this.#loaded === loaded) {
        const sampled = tokens.slice(ids.length);
        const healed = await reader.healed(prompt, sampled, text);
        this.#show({ text: text + tail, tokens: healed }, text.length);
      }
      return completion;
    } finally {
      const { content } = this;
      this.#live = undefined;
      this.#controller = undefined;
      // A generation that failed before its first token has changed nothing.
      if (completion !== undefined || text.length > from) {
        const tokens = this.#loaded === loaded ? content.tokens : [];
        const span = { from, to: text.length, hasEnded: completion?.finishReason === 'eos' };
        this.#document.addGenerated({ text: content.text, tokens }, to, span);
      }
      this.#events.onGenerating();
    }
  }
}
