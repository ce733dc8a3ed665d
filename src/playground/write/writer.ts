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
  type TokenizedText,
  textOf,
  withLineFeeds,
} from '../document/tokenized_text.js';
import type { Continuation } from './choosing.js';
import { readAhead } from './read_ahead.js';
import { TokenReader } from './token_reader.js';
import { ALTERNATIVES, type ReadingModel, TokenScores } from './token_scores.js';

/** Number of tokens that are requested before the page has shown those before them. */
const TOKENS_AHEAD = 32;

export interface WriterEvents {
  /** The text or its tokens have changed. */
  onText(): void;
  /** A generation has started or ended. */
  onGenerating(): void;
}

/** A model with what is computed with it. */
interface Loaded extends ReadingModel {
  readonly session: WorkerSession;
}

/** Changes the document: as the user types, and by generations of the model. */
export class Writer {
  readonly #events: WriterEvents;
  readonly #document = new TextDocument();
  /** How likely the tokens of the text are. */
  readonly scores = new TokenScores({
    content: () => this.content,
    loaded: () => this.#loaded,
    isGenerating: () => this.isGenerating,
    amend: (content) => {
      this.#document.amend(content);
      this.#events.onText();
    },
  });
  /** Text during a generation, and the offset where it continues. */
  #live: { readonly content: TokenizedText; readonly end: number } | undefined;
  #loaded: Loaded | undefined;
  #controller: AbortController | undefined;

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

  /** Text of the latest generation, if it is unchanged, and the text before it. */
  get continuation(): Continuation | undefined {
    if (this.latest === undefined) return undefined;
    const { from, to } = this.latest;
    const { text } = this.content;
    return { prompt: text.slice(0, from), completion: text.slice(from, to) };
  }

  /** Offset after the text that the current generation has written. */
  get end(): number | undefined {
    return this.#live?.end;
  }

  /**
   * Replaces the text, as the user changed it, up to the offset `end`. With `inPlace` this is one step with the
   * previous change.
   */
  edit(text: string, inPlace = false, end?: number): void {
    if (text === this.#document.content.text) return;
    this.#document.edit(text, inPlace, end);
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

  /**
   * Texts, as it grows, of another continuation in place of the latest one, which stays. `index`, from 0, gives each one
   * its seed. Throws what `stream` throws.
   */
  async *variant(index: number, options: GenerateOptions, signal: AbortSignal): AsyncGenerator<string, void> {
    const { model, reader } = this.#loaded!;
    const { from } = this.latest!;
    const heal = this.#document.isTyped(from);
    const { tokens } = await reader.tokenize(headOf(this.content, from));
    const ids = tokens.map(({ id }) => id);
    const seed = (options.seed! + index + 1) % 2 ** 32;
    let text = '';
    for await (const { text: own } of model.stream(ids, { ...options, seed, heal, signal })) {
      text += withLineFeeds(own);
      yield text;
    }
  }

  /** Puts a text in place of the latest generation. Gives the offset after it. */
  take(text: string): number {
    const { from, to } = this.latest!;
    const { text: before } = this.content;
    const head = headOf(this.content, from);
    const end = from + text.length;
    const content = { text: head.text + text + before.slice(to), tokens: head.tokens };
    this.#document.addGenerated(content, to, { from, to: end, hasEnded: false });
    this.#events.onText();
    return end;
  }

  /** Whether the text before an offset was typed. */
  isTyped(offset: number): boolean {
    return this.#document.isTyped(offset);
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
    const token = { id, text: shown, logprob, top: this.scores.topOf(tokens[index]!) };
    const kept = tokens.slice(0, index);
    return this.#run({ text: textOf(kept) + shown, tokens: [...kept, token] }, to, options);
  }

  /** Whether a token can take the place of one: it has whole characters, and so do the tokens before it. */
  canStand(index: number, { id, text }: TopToken): boolean {
    const isEnd = this.model?.config.eosTokenIds.includes(id);
    return (
      !this.isGenerating && !isEnd && !text.includes('\uFFFD') && this.content.tokens[index - 1]?.text !== ''
    );
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
