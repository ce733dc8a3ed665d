import { endOfGenerated, type GeneratedSpan, moved } from './generated_spans.js';
import { History } from './history.js';
import {
  changeBetween,
  EMPTY,
  edited,
  type TextRange,
  type TokenizedText,
  textOf,
} from './tokenized_text.js';

/** A state of the document. */
interface Version {
  readonly content: TokenizedText;
  /** Generated text that was not edited since. */
  readonly spans: readonly GeneratedSpan[];
  /** Span of the latest generation. */
  readonly latest?: GeneratedSpan | undefined;
}

/** The text of the page with its tokens, the spans that generations wrote, and the versions to undo. */
export class TextDocument {
  readonly #history = new History<Version>(
    { content: EMPTY, spans: [] },
    ({ content }) => content.text.length,
  );

  get content(): TokenizedText {
    return this.#history.current.content;
  }

  /** Span of the latest generation, if its text is unchanged. */
  get latest(): GeneratedSpan | undefined {
    return this.#history.current.latest;
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /**
   * Replaces the text, as the user changed it, up to the offset `end`. With `inPlace` this is one step with the
   * previous change.
   */
  edit(text: string, inPlace: boolean, end?: number): void {
    const { content, spans, latest } = this.#history.current;
    const change = changeBetween(content.text, text, end);
    const version = {
      content: edited(content, text),
      spans: spans.map((span) => moved(span, change)).filter((span) => span !== undefined),
      latest: latest && moved(latest, change),
    };
    this.#history.add(version, inPlace);
  }

  /** Undoes or redoes a step. Gives the offset after the text that has changed. */
  step(direction: 'undo' | 'redo'): number {
    const { text: before } = this.content;
    this.#history[direction]();
    const { at, added } = changeBetween(before, this.content.text);
    return at + added.length;
  }

  /** Replaces the tokens of the current text. */
  amend(content: TokenizedText): void {
    this.#history.amend({ ...this.#history.current, content });
  }

  /** Forgets the tokens of all versions, because the model has changed. */
  forgetTokens(): void {
    this.#history.amendAll((version) => ({
      ...version,
      content: { text: version.content.text, tokens: [] },
    }));
  }

  /** Makes the result of a generation the current version. Its `span` replaced the text up to offset `to`. */
  addGenerated(content: TokenizedText, to: number, span: GeneratedSpan): void {
    const { content: before, spans } = this.#history.current;
    const change = { at: span.from, removed: to - span.from, added: content.text.slice(span.from, span.to) };
    // If the generation replaced the end of a span, the beginning of the span stays.
    const others = spans.map((each) =>
      each.from < span.from && each.to > span.from ? { ...each, to: span.from } : moved(each, change),
    );
    const version = {
      content,
      spans: [...others.filter((each) => each !== undefined), span],
      latest: span,
    };
    if (content.text === before.text) this.#history.amend(version);
    else this.#history.add(version);
  }

  /**
   * The text that is replaced if another token takes the place of one: the token and generated text after it.
   */
  replaced(index: number): TextRange {
    const { tokens } = this.content;
    const from = textOf(tokens.slice(0, index)).length;
    const end = from + tokens[index]!.text.length;
    return { from, to: endOfGenerated(this.#history.current.spans, end) };
  }

  /**
   * Whether typed text follows directly after a token. Another token then replaces it without a generation.
   */
  isAmidText(index: number): boolean {
    const { from, to } = this.replaced(index);
    const { text, tokens } = this.content;
    return to === from + tokens[index]!.text.length && text.slice(to).trim() !== '';
  }

  /** Whether the text before an offset was typed, so that it may end with half a word. */
  isTyped(offset: number): boolean {
    return this.#history.current.spans.every(({ from, to }) => offset <= from || offset > to);
  }
}
