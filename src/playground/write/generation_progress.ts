import type { TokenizedText } from '../document/tokenized_text.js';
import { Announcer } from './announcer.js';
import type { Figures } from './figures.js';

/** Announces the text of a generation and shows its speed, measured from the first token on. */
export class GenerationProgress {
  readonly #announcer = new Announcer();
  readonly #figures: Figures;
  readonly #from: number;
  readonly #tokens: number;
  #firstAt: number | undefined;

  /** The generation starts at offset `from` of a text with `tokens` tokens. */
  constructor(figures: Figures, from: number, tokens: number) {
    this.#figures = figures;
    this.#from = from;
    this.#tokens = tokens;
    this.#announcer.begin();
  }

  /** Notes the time of the first token. `end` is the offset after the generated text. */
  noteToken(end: number): void {
    if (end > this.#from) this.#firstAt ??= performance.now();
  }

  /** Shows the text up to offset `end`. */
  show({ text, tokens }: TokenizedText, end: number, isOver = false): void {
    this.#announcer.tell(text.slice(this.#from, end), isOver);
    const count = tokens.length - this.#tokens - 1;
    if (this.#firstAt !== undefined && count > 0) {
      this.#figures.showSpeed((1000 * count) / (performance.now() - this.#firstAt));
    }
  }
}
