import { isTokenized, type TextRange } from '../document/tokenized_text.js';
import type { Editor } from '../editor/editor.js';
import { byId } from '../page/dom.js';
import type { Figures } from './figures.js';
import type { Writer } from './writer.js';

/** Shows what Generate would do, and the most important figures. */
export class TargetLine {
  readonly #run: HTMLElement;
  readonly #editor: Editor;
  readonly #writer: Writer;
  readonly #figures: Figures;
  readonly #meter = byId('meter', HTMLElement);

  /** `run` is the button that generates. */
  constructor(run: HTMLElement, editor: Editor, writer: Writer, figures: Figures) {
    this.#run = run;
    this.#editor = editor;
    this.#writer = writer;
    this.#figures = figures;
  }

  /** The range that generated text will replace: the selection or the caret. */
  get range(): TextRange {
    const { from, to } = this.#editor.selection;
    const { length } = this.#writer.content.text;
    return { from: Math.min(from, length), to: Math.min(to, length) };
  }

  show(): void {
    const { content, model, isGenerating, latest } = this.#writer;
    const { from, to } = this.range;
    const isAfterLatest = latest !== undefined && latest.to === from && from === to;
    this.#run.textContent = isGenerating ? 'Stop' : isAfterLatest ? 'Continue' : 'Generate';
    const where = from < to ? 'Replaces the selection' : from < content.text.length ? 'At the caret' : '';
    if (model !== undefined) {
      const count = isTokenized(content) ? content.tokens.length : undefined;
      this.#figures.showContext(count, model.config.contextLength);
    }
    const parts = [isGenerating ? '' : where, this.#figures.line].filter((part) => part !== '');
    this.#meter.textContent = parts.join(' \u00B7 ');
  }
}
